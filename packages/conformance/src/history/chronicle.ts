import type { Seq } from '@midsentence/core'
import { type Deed, deedsOf, isPush } from './deeds.ts'
import type { Entry, History, Witness } from './history.ts'
import { Knowledge } from './knowledge.ts'
import { countUpTo } from './sorted.ts'

/** A message as far as it is known: what was told to its author alone may lack its text. */
export type Known = Partial<Entry> & { readonly seq: Seq; readonly sender_id: string; readonly session: string }

/** A range of seqs, both ends in it. */
export interface Range {
  readonly from: Seq
  readonly to: Seq
}

/** A history, arranged so that each question takes logarithmic time. */
export class Chronicle {
  readonly history: History
  readonly deeds: ReadonlyMap<Witness, readonly Deed[]>
  readonly pushes: readonly Deed[]
  readonly knowledge: ReadonlyMap<Witness, Knowledge>
  /** Where the log begins: what came before is known by what was given. `Infinity` without a log. */
  readonly logFrom: Seq
  readonly free: ReadonlySet<string>
  /** Every message that is known, by seq. */
  readonly messages: readonly Known[]
  readonly #places = new Map<Seq, number>()
  readonly #seqs: readonly Seq[]
  readonly #own = new Map<string, Seq[]>()
  readonly #freely: readonly Seq[]
  /** For each message, the first and last place of those around it by the same session. */
  readonly #runStart: number[] = []
  readonly #runEnd: number[] = []
  readonly #acknowledged = new Map<Seq, Deed>()

  constructor(history: History) {
    this.history = history
    this.deeds = new Map(history.witnesses.map(witness => [witness, deedsOf(witness)]))
    this.pushes = [...this.deeds.values()].flat().filter(isPush)
    this.knowledge = new Map([...this.deeds].map(([witness, deeds]) => [witness, new Knowledge(witness, deeds)]))
    this.logFrom = history.log?.[0]?.seq ?? (history.log ? 1 : Number.POSITIVE_INFINITY)
    this.free = new Set(history.free)
    for (const push of this.pushes) {
      const seq = push.told?.seq
      if (seq !== undefined && !this.#acknowledged.has(seq)) this.#acknowledged.set(seq, push)
    }
    this.messages = this.#collect().sort((a, b) => a.seq - b.seq)
    this.#seqs = this.messages.map(({ seq }) => seq)
    this.#freely = this.messages.filter(({ session }) => this.free.has(session)).map(({ seq }) => seq)
    for (const [place, { seq, session }] of this.messages.entries()) {
      this.#places.set(seq, place)
      const own = this.#own.get(session)
      if (own) own.push(seq)
      else this.#own.set(session, [seq])
      this.#runStart.push(this.messages[place - 1]?.session === session ? this.#runStart[place - 1]! : place)
    }
    for (let place = this.messages.length - 1; place >= 0; place--) {
      const same = this.messages[place + 1]?.session === this.messages[place]!.session
      this.#runEnd[place] = same ? this.#runEnd[place + 1]! : place
    }
  }

  at(seq: Seq): Known | undefined {
    return this.messages[this.#places.get(seq) ?? -1]
  }

  /** The push that was told that its message is at `seq`. */
  pushAt(seq: Seq): Deed | undefined {
    return this.#acknowledged.get(seq)
  }

  /** How many messages of others there are above `after`, up to `to`, but for a range that is gone. */
  others(session: string, after: Seq, to: Seq, gone?: Range): number {
    const own = this.#own.get(session) ?? []
    const within = (low: Seq, high: Seq) => (high > low ? between(this.#seqs, low, high) - between(own, low, high) : 0)
    if (!gone) return within(after, to)
    return within(after, to) - within(Math.max(after, gone.from - 1), Math.min(to, gone.to))
  }

  /** How many messages of others who spoke out of turn there are above `after`, up to `to`. */
  freeOthers(session: string, after: Seq, to: Seq): number {
    return this.free.has(session) ? this.others(session, after, to) : between(this.#freely, after, to)
  }

  /** The first message of another above `after`. */
  firstOther(session: string, after: Seq): Known | undefined {
    const place = countUpTo(this.#seqs, after)
    return this.messages[this.messages[place]?.session === session ? this.#runEnd[place]! + 1 : place]
  }

  /** The seqs of the newest `most` messages of others above `after` and below `before`, ascending. */
  newestOthers(session: string, after: Seq, before: Seq, most: number): Seq[] {
    const found: Seq[] = []
    for (let place = countUpTo(this.#seqs, before - 1) - 1; place >= 0 && found.length < most; ) {
      const { seq, session: by } = this.messages[place]!
      if (seq <= after) break
      if (by === session) place = this.#runStart[place]! - 1
      else {
        found.push(seq)
        place--
      }
    }
    return found.reverse()
  }

  /** Is every seq above `after` and below `before` known? */
  complete(after: Seq, before: Seq): boolean {
    return before - after <= 1 || between(this.#seqs, after, before - 1) === before - after - 1
  }

  #collect(): Known[] {
    const known = new Map<Seq, Known>()
    const named = new Map<string, Witness | undefined>()
    for (const witness of this.history.witnesses) {
      named.set(witness.name, named.has(witness.name) ? undefined : witness)
    }
    const ownerOf = ({ seq, sender_id }: { seq: Seq; sender_id: string }) =>
      (this.#acknowledged.get(seq)?.witness ?? named.get(sender_id))?.session ?? sender_id
    const add = (message: Omit<Known, 'session'> & { readonly session?: string }) => {
      if (!known.has(message.seq)) known.set(message.seq, { ...message, session: message.session ?? ownerOf(message) })
    }
    for (const entry of this.history.log ?? []) add(entry)
    for (const deeds of this.deeds.values()) {
      for (const { told } of deeds)
        for (const message of told?.messages ?? []) if (message.seq < this.logFrom) add(message)
    }
    for (const [seq, { witness, told, calls }] of this.#acknowledged) {
      if (seq >= this.logFrom) continue
      const { message_id, timestamp } = told!
      const { content } = calls[0]!
      add({
        seq,
        sender_id: witness.name,
        session: witness.session,
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
