import type { Seq } from '../../room/message.ts'

/** Who wrote each message of a room, as JSON: the sessions, and for each message which of them, many in a text. */
export interface AuthorIndexState {
  readonly sessions: readonly string[]
  /** Runs: the number of a session in base 36, and behind `*` how often in a row where that is more than once. */
  readonly runs: readonly string[]
}

/** Whoever wrote what its log has let go of. */
const UNKNOWN = ''

/** Which session wrote each message of a room: a number a message. */
export class AuthorIndex {
  readonly #sessions: string[] = []
  readonly #numbers = new Map<string, number>()
  readonly #authors: number[] = []
  /** The runs of the first messages, and how many these are: written out once. */
  readonly #runs: string[] = []
  #runTotal = 0

  static fromState({ sessions, runs }: AuthorIndexState): AuthorIndex {
    const authors = new AuthorIndex()
    for (const session of sessions) authors.#number(session)
    for (const text of runs) {
      for (const run of text.split(' ')) {
        const [number = '', times = '1'] = run.split('*')
        const by = Number.parseInt(number, 36)
        if (!(by < sessions.length)) throw new RangeError(`There is no session ${number}.`)
        for (let left = Number(times); left > 0; left--) authors.#authors.push(by)
      }
      authors.#runs.push(text)
    }
    authors.#runTotal = authors.count
    return authors
  }

  /** How many messages there are. */
  get count(): number {
    return this.#authors.length
  }

  add(session: string): void {
    this.#authors.push(this.#number(session))
  }

  /** So many messages come before, of whom nothing is known. */
  skip(count: number): void {
    for (let left = count; left > 0; left--) this.add(UNKNOWN)
  }

  at(seq: Seq): string | undefined {
    return this.#sessions[this.#authors[seq - 1]!]
  }

  /**
   * Of the messages strictly between two seqs those that others than `session` wrote: how many they are, and the newest of
   * them, at most `most`, ascending. Whoever names a base from long ago has all of them counted: numbers alone are compared.
   */
  others(session: string, after: Seq, before: Seq, most: number): { readonly newest: Seq[]; readonly count: number } {
    const own = this.#numbers.get(session)
    const newest: Seq[] = []
    let count = 0
    for (let seq = before - 1; seq > after; seq--) {
      if (this.#authors[seq - 1] === own) continue
      if (count++ < most) newest.push(seq)
    }
    return { newest: newest.reverse(), count }
  }

  /** Those of the messages up to `to`. */
  state(to: Seq): AuthorIndexState {
    if (to > this.#runTotal) {
      this.#runs.push(runsOf(this.#authors, this.#runTotal, to))
      this.#runTotal = to
    }
    return { sessions: this.#sessions, runs: this.#runs }
  }

  #number(session: string): number {
    const known = this.#numbers.get(session)
    if (known !== undefined) return known
    this.#numbers.set(session, this.#sessions.length)
    return this.#sessions.push(session) - 1
  }
}

function runsOf(by: readonly number[], from: number, to: number): string {
  const runs: string[] = []
  for (let at = from; at < to; ) {
    const number = by[at]!
    const start = at
    while (at < to && by[at] === number) at++
    runs.push(at - start > 1 ? `${number.toString(36)}*${at - start}` : number.toString(36))
  }
  return runs.join(' ')
}
