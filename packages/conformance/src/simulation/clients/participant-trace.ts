import type { AnswerBase, Seq } from '@midsentence/core'
import type { RuleId } from '../../kit/rules.ts'
import type { LoggedMessage } from '../logged-message.ts'
import type { Violation } from '../simulation-context.ts'

interface TracedSession {
  readonly id: string
  /** Where its reading began. */
  readonly cursor: Seq
  readonly at: number
}

interface TracedAnswer extends AnswerBase {
  readonly at: number
}

/** What a local participant was told in all its sessions, from its first join on. */
export class ParticipantTrace {
  readonly #name: string
  readonly #sessions: TracedSession[] = []
  readonly #names: { readonly name: string; readonly at: number }[] = []
  readonly #answers: TracedAnswer[] = []
  /** When each push was called, by its key. */
  readonly #pushes = new Map<string, number>()
  /** Whether it could not come back into the room. Then it may not have been told everything. */
  hasEnded = false
  /** Seqs that arrived, also those that no answer has given. */
  readonly #received = new Set<Seq>()

  constructor(name: string) {
    this.#name = name
  }

  joined(id: string, name: string, cursor: Seq, at: number): void {
    if (this.#sessions.at(-1)?.id !== id) this.#sessions.push({ id, cursor, at })
    if (this.#names.at(-1)?.name !== name) this.#names.push({ name, at })
  }

  pushed(key: string, at: number): void {
    this.#pushes.set(key, at)
  }

  received(seq: Seq): void {
    this.#received.add(seq)
  }

  answered(answer: AnswerBase, at: number): void {
    this.#answers.push({ ...answer, at })
  }

  /** Checks that each message was given or named as missed, once and in order, and before a push that follows it. */
  *check(log: readonly LoggedMessage[], policy: 'hold' | 'annotate'): Generator<Violation> {
    const own = new Set(this.#sessions.map(({ id }) => id))
    const [first] = this.#sessions
    const others = log.filter(({ session, seq }) => !own.has(session) && seq > first!.cursor)
    const told = new Map<Seq, number>()
    let last = first!.cursor
    for (const { messages, missed, at } of this.#answers) {
      for (const { seq } of messages) {
        if (seq <= last) yield this.#violation('L1', `was given message ${seq} after message ${last}`)
        last = Math.max(last, seq)
        if (!told.has(seq)) told.set(seq, at)
      }
      for (const { seq } of others) if (missed && isWithin(missed, seq) && !told.has(seq)) told.set(seq, at)
    }
    const end = Math.max(first!.cursor, ...this.#answers.map(({ cursor }) => cursor))
    for (const { seq } of others) if (seq <= end && !told.has(seq)) yield this.#untold(seq)
    if (policy === 'hold') yield* this.#checkPushes(log, own, others, told)
    yield* this.#checkNews('A6', 'rejoined', this.#sessions.slice(1))
    yield* this.#checkNews('A4', 'renamed', this.#names.slice(1))
    const { name } = this.#names.at(-1)!
    const toldName = this.#answers.findLast(({ renamed }) => renamed !== undefined)?.renamed ?? this.#names[0]!.name
    if (toldName !== name && !this.hasEnded)
      yield this.#violation('A4', `was told the name ${toldName}, but has the name ${name}`)
  }

  #untold(seq: Seq): Violation {
    const replacement = this.#sessions.slice(1).find(({ cursor }) => seq <= cursor)
    if (!replacement) return this.#violation('L1', `was never given message ${seq}`)
    return this.#received.has(seq)
      ? this.#violation('A6', `had received message ${seq} when its session was replaced, but was never given it`)
      : this.#violation('L7', `was not told that it missed message ${seq} when its session was replaced`)
  }

  *#checkPushes(
    log: readonly LoggedMessage[],
    own: ReadonlySet<string>,
    others: readonly LoggedMessage[],
    told: ReadonlyMap<Seq, number>,
  ): Generator<Violation> {
    for (const { session, seq, key, crossed: named = [] } of log) {
      const at = own.has(session) ? this.#pushes.get(key) : undefined
      if (at === undefined) continue
      const isUntold = (other: Seq) => (told.get(other) ?? Number.POSITIVE_INFINITY) > at
      // A message that ignores holds may be crossed, and is named: it is sent past the floor of the author.
      const crossed = others.find(other => other.seq < seq && isUntold(other.seq) && !named.includes(other.seq))
      if (!crossed) continue
      yield this.#violation('H1', `sent message ${seq}, but had not been told of message ${crossed.seq}`)
    }
  }

  /** Checks that answers tell each change once; several changes between two answers are one. */
  *#checkNews(
    rule: RuleId,
    member: 'rejoined' | 'renamed',
    changes: readonly { readonly at: number }[],
  ): Generator<Violation> {
    const tellings = this.#answers.filter(answer => answer[member] !== undefined).map(({ at }) => at)
    const lastChange = changes.at(-1)?.at
    if (lastChange !== undefined && !this.hasEnded && !tellings.some(at => at >= lastChange)) {
      yield this.#violation(rule, `was not told that it has been ${member}`)
    }
    if (tellings.length > changes.length) {
      yield this.#violation(rule, `was told ${tellings.length} times that it has been ${member}, not ${changes.length}`)
    }
  }

  #violation(rule: RuleId, what: string): Violation {
    return { rule, what: `${this.#name} ${what}.` }
  }
}

const isWithin = ({ from, to }: NonNullable<AnswerBase['missed']>, seq: Seq): boolean => seq >= from && seq <= to
