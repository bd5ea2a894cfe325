import type { Seq } from '../../room/message.ts'

/** The author of each message of a room, as JSON. */
export interface AuthorIndexState {
  readonly sessions: readonly string[]
  /** Texts of runs, separated by spaces: the number of a session in base 36, then `*` and how many messages, if more than one. */
  readonly runs: readonly string[]
}

/** The author of messages that retention dropped. */
const UNKNOWN = ''

/**
 * Knows which session wrote each message of a room. Consecutive messages of one author are one run: memory grows with runs,
 * 16 bytes each. Every question is a binary search, and costs no more for a long run or an old seq.
 */
export class AuthorIndex {
  readonly #authors: Author[] = []
  readonly #numbers = new Map<string, number>()
  /** The first seq of each run. */
  readonly #starts = new NumberList()
  /** The author of each run, by number. */
  readonly #owners = new NumberList()
  #count = 0
  /** The author of the last run. -1: there is none. */
  #last = -1
  /** The texts of the first `#textTotal` messages: made once. */
  readonly #texts: string[] = []
  #textTotal = 0

  static fromState({ sessions, runs }: AuthorIndexState): AuthorIndex {
    const index = new AuthorIndex()
    for (const session of sessions) index.#number(session)
    for (const text of runs) {
      for (const run of text.split(' ')) {
        const [number = '', times = '1'] = run.split('*')
        const author = Number.parseInt(number, 36)
        if (!(author < sessions.length)) throw new RangeError(`There is no session ${number}.`)
        if (!(Number(times) > 0)) throw new RangeError(`${run} is no run.`)
        index.#extend(author, Number(times))
      }
      index.#texts.push(text)
    }
    index.#textTotal = index.count
    return index
  }

  /** The number of messages. */
  get count(): number {
    return this.#count
  }

  add(session: string): void {
    this.#extend(this.#number(session), 1)
  }

  /** Adds `count` messages whose authors are not known. */
  skip(count: number): void {
    if (count > 0) this.#extend(this.#number(UNKNOWN), count)
  }

  at(seq: Seq): string | undefined {
    return seq < 1 || seq > this.#count ? undefined : this.#authors[this.#owners.at(this.#runAt(seq))]!.session
  }

  /** Counts the messages of others than `session` above `after` and up to `to`. */
  countOthers(session: string, after: Seq, to: Seq): number {
    if (to <= after) return 0
    const own = this.#find(session)
    return own ? to - after - (this.#countOwn(own, to) - this.#countOwn(own, after)) : to - after
  }

  /** Tells whether others than `session` wrote a message above `after` and up to `to`. */
  hasOthers(session: string, after: Seq, to: Seq): boolean {
    if (to <= after) return false
    const run = this.#runAt(to)
    return this.#owners.at(run) !== this.#numbers.get(session) || this.#starts.at(run) - 1 > after
  }

  /** Returns the oldest seqs of others than `session` above `after` and up to `to`, at most `limit`. */
  oldestOthers(session: string, after: Seq, to: Seq, limit: number): Seq[] {
    const found: Seq[] = []
    if (to <= after) return found
    const own = this.#numbers.get(session)
    for (let run = this.#runAt(after + 1), seq = after + 1; seq <= to && found.length < limit; run++) {
      const end = Math.min(this.#endOf(run), to)
      if (this.#owners.at(run) === own) seq = end + 1
      else for (; seq <= end && found.length < limit; seq++) found.push(seq)
    }
    return found
  }

  /** Returns the newest seqs of others than `session` above `after` and up to `to`, ascending, at most `limit`. */
  newestOthers(session: string, after: Seq, to: Seq, limit: number): Seq[] {
    const found: Seq[] = []
    if (to <= after) return found
    const own = this.#numbers.get(session)
    for (let run = this.#runAt(to), seq = to; seq > after && found.length < limit; run--) {
      const start = Math.max(this.#starts.at(run), after + 1)
      if (this.#owners.at(run) === own) seq = start - 1
      else for (; seq >= start && found.length < limit; seq--) found.push(seq)
    }
    return found.reverse()
  }

  /** Returns the authors of the messages up to `to`. */
  state(to: Seq): AuthorIndexState {
    if (to > this.#textTotal) {
      this.#texts.push(this.#textOf(this.#textTotal + 1, to))
      this.#textTotal = to
    }
    return { sessions: this.#authors.map(({ session }) => session), runs: this.#texts }
  }

  #textOf(from: Seq, to: Seq): string {
    const runs: string[] = []
    for (let run = this.#runAt(from), seq = from; seq <= to; run++) {
      const end = Math.min(this.#endOf(run), to)
      const number = this.#owners.at(run).toString(36)
      runs.push(end > seq ? `${number}*${end - seq + 1}` : number)
      seq = end + 1
    }
    return runs.join(' ')
  }

  #extend(author: number, count: number): void {
    if (author !== this.#last) {
      const { runs, before } = this.#authors[author]!
      const last = runs.length - 1
      before.push(last < 0 ? 0 : before.at(last) + this.#endOf(runs.at(last)) - this.#starts.at(runs.at(last)) + 1)
      runs.push(this.#starts.length)
      this.#starts.push(this.#count + 1)
      this.#owners.push(author)
      this.#last = author
    }
    this.#count += count
  }

  /** Counts the messages of an author up to `seq`. */
  #countOwn({ runs, before }: Author, seq: Seq): number {
    let low = 0
    let high = runs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#starts.at(runs.at(middle)) <= seq) low = middle + 1
      else high = middle
    }
    if (low === 0) return 0
    const run = runs.at(low - 1)
    return before.at(low - 1) + Math.min(seq, this.#endOf(run)) - this.#starts.at(run) + 1
  }

  /** Returns the run of the message at `seq`, which exists. */
  #runAt(seq: Seq): number {
    let high = this.#starts.length - 1
    // Most questions are about the newest messages.
    if (this.#starts.at(high) <= seq) return high
    let low = 0
    while (low < high - 1) {
      const middle = (low + high) >>> 1
      if (this.#starts.at(middle) <= seq) low = middle
      else high = middle
    }
    return low
  }

  #endOf(run: number): Seq {
    return run + 1 < this.#starts.length ? this.#starts.at(run + 1) - 1 : this.#count
  }

  #find(session: string): Author | undefined {
    const number = this.#numbers.get(session)
    return number === undefined ? undefined : this.#authors[number]
  }

  #number(session: string): number {
    const existing = this.#numbers.get(session)
    if (existing !== undefined) return existing
    this.#numbers.set(session, this.#authors.length)
    return this.#authors.push({ session, runs: new NumberList(), before: new NumberList() }) - 1
  }
}

interface Author {
  readonly session: string
  /** Its runs, as indexes of all runs. */
  readonly runs: NumberList
  /** How many messages it wrote before each of its runs. */
  readonly before: NumberList
}

/** A list of numbers below 2 ** 32, with 4 bytes for each. */
class NumberList {
  #numbers = new Uint32Array(2)
  length = 0

  at(index: number): number {
    return this.#numbers[index]!
  }

  push(number: number): void {
    if (this.length === this.#numbers.length) {
      const larger = new Uint32Array(Math.ceil(this.length * 1.5))
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[this.length++] = number
  }
}
