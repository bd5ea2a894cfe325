import type { Seq } from '../../room/message.ts'

/** The author of each message of a room, as JSON. */
export interface AuthorIndexState {
  readonly sessions: readonly string[]
  /** Texts of runs, separated by spaces: the number of a session in base 36, then `*` and how many messages, if more than one. */
  readonly runs: readonly string[]
}

/** The author of messages that retention dropped. */
const UNKNOWN = ''

/** Knows which session wrote each message of a room. Takes one number per message. */
export class AuthorIndex {
  readonly #sessions: string[] = []
  readonly #numbers = new Map<string, number>()
  readonly #authors: number[] = []
  /** The runs of the first `#runTotal` messages: made once. */
  readonly #runs: string[] = []
  #runTotal = 0

  static fromState({ sessions, runs }: AuthorIndexState): AuthorIndex {
    const index = new AuthorIndex()
    for (const session of sessions) index.#number(session)
    for (const text of runs) {
      for (const run of text.split(' ')) {
        const [number = '', times = '1'] = run.split('*')
        const author = Number.parseInt(number, 36)
        if (!(author < sessions.length)) throw new RangeError(`There is no session ${number}.`)
        for (let left = Number(times); left > 0; left--) index.#authors.push(author)
      }
      index.#runs.push(text)
    }
    index.#runTotal = index.count
    return index
  }

  /** The number of messages. */
  get count(): number {
    return this.#authors.length
  }

  add(session: string): void {
    this.#authors.push(this.#number(session))
  }

  /** Adds `count` messages whose authors are not known. */
  skip(count: number): void {
    for (let left = count; left > 0; left--) this.add(UNKNOWN)
  }

  at(seq: Seq): string | undefined {
    return this.#sessions[this.#authors[seq - 1]!]
  }

  /**
   * Counts the messages of others than `session` strictly between two seqs. Also returns the newest of them, ascending, at
   * most `limit`. An old base is cheap: only numbers are compared.
   */
  others(session: string, after: Seq, before: Seq, limit: number): { readonly newest: Seq[]; readonly count: number } {
    const own = this.#numbers.get(session)
    const newest: Seq[] = []
    let count = 0
    for (let seq = before - 1; seq > after; seq--) {
      if (this.#authors[seq - 1] === own) continue
      if (count++ < limit) newest.push(seq)
    }
    return { newest: newest.reverse(), count }
  }

  /** Returns the authors of the messages up to `to`. */
  state(to: Seq): AuthorIndexState {
    if (to > this.#runTotal) {
      this.#runs.push(runsOf(this.#authors, this.#runTotal, to))
      this.#runTotal = to
    }
    return { sessions: this.#sessions, runs: this.#runs }
  }

  #number(session: string): number {
    const existing = this.#numbers.get(session)
    if (existing !== undefined) return existing
    this.#numbers.set(session, this.#sessions.length)
    return this.#sessions.push(session) - 1
  }
}

function runsOf(authors: readonly number[], from: number, to: number): string {
  const runs: string[] = []
  for (let at = from; at < to; ) {
    const number = authors[at]!
    const start = at
    while (at < to && authors[at] === number) at++
    runs.push(at - start > 1 ? `${number.toString(36)}*${at - start}` : number.toString(36))
  }
  return runs.join(' ')
}
