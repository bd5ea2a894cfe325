import type { Seq } from '@midsentence/core'
import { CursorBounds } from './cursor-bounds.ts'
import type { CallerTrace, LogEntry, RecordedAnswer, RecordedHistory } from './history.ts'
import { countUpTo } from './sorted.ts'
import { isPush, type TimedCall, timedCallsOf } from './timed-call.ts'

/** A message as far as it is known. Its text may be missing if only its author's answer reports it. */
export type KnownMessage = Partial<LogEntry> & {
  readonly seq: Seq
  readonly sender_id: string
  readonly session: string
}

/** Indexes a history so that each query takes logarithmic time. */
export class HistoryIndex {
  readonly history: RecordedHistory
  readonly timedCalls: ReadonlyMap<CallerTrace, readonly TimedCall[]>
  readonly pushes: readonly TimedCall[]
  readonly cursorBounds: ReadonlyMap<CallerTrace, CursorBounds>
  /** The first seq of the log. Earlier messages are known from answers. `Infinity` without a log. */
  readonly logStart: Seq
  readonly ignoringHolds: ReadonlySet<string>
  /** All known messages, ordered by seq. */
  readonly messages: readonly KnownMessage[]
  readonly #indexes = new Map<Seq, number>()
  readonly #seqs: readonly Seq[]
  readonly #seqsBySession = new Map<string, Seq[]>()
  readonly #ignoringHoldsSeqs: readonly Seq[]
  /** For each message, the first and last index of the run of messages by the same session around it. */
  readonly #runStart: number[] = []
  readonly #runEnd: number[] = []
  readonly #acknowledged = new Map<Seq, TimedCall>()
  /** The first session of each session that replaced another one. */
  readonly #firstSessions: ReadonlyMap<string, string>

  constructor(history: RecordedHistory) {
    this.history = history
    this.#firstSessions = new Map(
      history.callers.flatMap(({ session: first, replaced = [] }) => replaced.map(({ session }) => [session, first])),
    )
    this.timedCalls = new Map(history.callers.map(caller => [caller, timedCallsOf(caller)]))
    this.pushes = [...this.timedCalls.values()].flat().filter(isPush)
    this.cursorBounds = new Map(
      [...this.timedCalls].map(([caller, calls]) => [caller, new CursorBounds(caller, calls)]),
    )
    this.logStart = history.log?.[0]?.seq ?? (history.log ? 1 : Number.POSITIVE_INFINITY)
    this.ignoringHolds = new Set(history.ignoringHolds)
    for (const push of this.pushes) {
      const seq = push.answer?.seq
      if (seq !== undefined && !this.#acknowledged.has(seq)) this.#acknowledged.set(seq, push)
    }
    this.messages = this.#collect().sort((a, b) => a.seq - b.seq)
    this.#seqs = this.messages.map(({ seq }) => seq)
    this.#ignoringHoldsSeqs = this.messages
      .filter(({ session }) => this.ignoringHolds.has(session))
      .map(({ seq }) => seq)
    for (const [index, { seq, session }] of this.messages.entries()) {
      this.#indexes.set(seq, index)
      const own = this.#seqsBySession.get(session)
      if (own) own.push(seq)
      else this.#seqsBySession.set(session, [seq])
      this.#runStart.push(this.messages[index - 1]?.session === session ? this.#runStart[index - 1]! : index)
    }
    for (let index = this.messages.length - 1; index >= 0; index--) {
      const same = this.messages[index + 1]?.session === this.messages[index]!.session
      this.#runEnd[index] = same ? this.#runEnd[index + 1]! : index
    }
  }

  messageAt(seq: Seq): KnownMessage | undefined {
    return this.messages[this.#indexes.get(seq) ?? -1]
  }

  /** Returns the push whose answer reports `seq`. */
  pushAt(seq: Seq): TimedCall | undefined {
    return this.#acknowledged.get(seq)
  }

  /** Counts the messages of others above `after`, up to `to`, without those of a `missed` range. */
  countOthers(session: string, after: Seq, to: Seq, missed?: RecordedAnswer['missed']): number {
    const own = this.#seqsBySession.get(session) ?? []
    const within = (low: Seq, high: Seq) => (high > low ? between(this.#seqs, low, high) - between(own, low, high) : 0)
    if (!missed) return within(after, to)
    return within(after, to) - within(Math.max(after, missed.from - 1), Math.min(to, missed.to))
  }

  /** Counts the messages of others that ignore holds above `after`, up to `to`. */
  countIgnoringHolds(session: string, after: Seq, to: Seq): number {
    return this.ignoringHolds.has(session)
      ? this.countOthers(session, after, to)
      : between(this.#ignoringHoldsSeqs, after, to)
  }

  /** Returns the first message of another session above `after`. */
  firstOther(session: string, after: Seq): KnownMessage | undefined {
    const index = countUpTo(this.#seqs, after)
    return this.messages[this.messages[index]?.session === session ? this.#runEnd[index]! + 1 : index]
  }

  /** Lists the seqs of the newest `most` messages of others above `after` and below `before`, ascending. */
  newestOthers(session: string, after: Seq, before: Seq, most: number): Seq[] {
    const found: Seq[] = []
    for (let index = countUpTo(this.#seqs, before - 1) - 1; index >= 0 && found.length < most; ) {
      const { seq, session: by } = this.messages[index]!
      if (seq <= after) break
      if (by === session) index = this.#runStart[index]! - 1
      else {
        found.push(seq)
        index--
      }
    }
    return found.reverse()
  }

  /** Tells whether every seq above `after` and below `before` is known. */
  isComplete(after: Seq, before: Seq): boolean {
    return before - after <= 1 || between(this.#seqs, after, before - 1) === before - after - 1
  }

  #collect(): KnownMessage[] {
    const known = new Map<Seq, KnownMessage>()
    const named = new Map<string, CallerTrace | undefined>()
    for (const caller of this.history.callers) {
      named.set(caller.name, named.has(caller.name) ? undefined : caller)
    }
    const ownerOf = ({ seq, sender_id }: { seq: Seq; sender_id: string }) =>
      (this.#acknowledged.get(seq)?.caller ?? named.get(sender_id))?.session ?? sender_id
    const add = (message: Omit<KnownMessage, 'session'> & { readonly session?: string }) => {
      if (!known.has(message.seq)) known.set(message.seq, { ...message, session: message.session ?? ownerOf(message) })
    }
    for (const entry of this.history.log ?? []) {
      const first = entry.session === undefined ? undefined : this.#firstSessions.get(entry.session)
      add(first === undefined ? entry : { ...entry, session: first })
    }
    for (const calls of this.timedCalls.values()) {
      for (const { answer } of calls)
        for (const message of answer?.messages ?? []) if (message.seq < this.logStart) add(message)
    }
    for (const [seq, { caller, answer, calls }] of this.#acknowledged) {
      if (seq >= this.logStart) continue
      const { message_id, timestamp } = answer!
      const { content } = calls[0]!
      add({
        seq,
        sender_id: caller.name,
        session: caller.session,
        ...(message_id !== undefined && { message_id }),
        ...(timestamp !== undefined && { timestamp }),
        ...(content !== undefined && { content }),
      })
    }
    return [...known.values()]
  }
}

const between = (seqs: readonly Seq[], after: Seq, to: Seq): number =>
  to > after ? countUpTo(seqs, to) - countUpTo(seqs, after) : 0
