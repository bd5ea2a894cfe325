import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import { type Change, type Latest, put } from './environment.ts'
import { reasonOf } from './reason.ts'

/** Does all of `changes` or none of it, and resolves once that is on the disk. */
export type Write = (changes: readonly Change[]) => Promise<void>

interface Job {
  readonly changes: readonly (Change | Latest)[]
  done(error: MidsentenceError | undefined): void
}

/**
 * The one way into a store: in the order of the calls, one flush at a time. What comes while one is under way goes into
 * the next, all together. After a failure nothing is written any more: what is on the disk then is not known, and a second
 * try that succeeds would prove nothing.
 */
export class Writer {
  readonly #write: Write
  #line: Job[] = []
  #writing: Promise<void> | undefined
  #failure: MidsentenceError | undefined

  constructor(write: Write) {
    this.#write = write
  }

  /** Throws where nothing is written any more. */
  check(): void {
    if (this.#failure) throw over(this.#failure)
  }

  /** Resolves once `changes` are on the disk, all of them; rejects with `unavailable`, and `unknown` where they may be. */
  write(changes: readonly (Change | Latest)[]): Promise<void> {
    if (this.#failure) return Promise.reject(over(this.#failure))
    return new Promise((resolve, reject) => {
      this.#line.push({ changes, done: error => (error ? reject(error) : resolve()) })
      // In a microtask of its own: what one turn asks for is written together.
      this.#writing ??= Promise.resolve().then(() => this.#run())
    })
  }

  /** Resolves once all that was called before has ended, one way or the other. */
  settled(): Promise<void> {
    return this.write([]).catch(() => undefined)
  }

  async #run(): Promise<void> {
    while (this.#line.length > 0) {
      const jobs = this.#line.splice(0)
      try {
        await this.#write(together(jobs))
      } catch (cause) {
        this.#failure = isMidsentenceError(cause) ? cause : failed(cause)
      }
      for (const { done } of jobs) done(this.#failure)
      if (this.#failure) for (const { done } of this.#line.splice(0)) done(over(this.#failure))
    }
    this.#writing = undefined
  }
}

/** All changes of `jobs`: nothing was called that is not among them. */
function together(jobs: readonly Job[]): Change[] {
  const all: Change[] = []
  const latest = new Map<Buffer, Latest>()
  for (const { changes } of jobs) {
    for (const change of changes) {
      if ('latest' in change) latest.set(change.key, change)
      else all.push(change)
    }
  }
  for (const change of latest.values()) all.push(put(change.key, change.latest()))
  return all
}

const failed = (cause: unknown): MidsentenceError =>
  new MidsentenceError(
    'unavailable',
    `The store could not write (${reasonOf(cause)}), and writes nothing more. What was under way may be there or not: mend the cause, as a full disk, and open it again.`,
    { cause, data: { unknown: true } },
  )

/** What was never tried is certainly not there. */
const over = (failure: MidsentenceError): MidsentenceError =>
  new MidsentenceError('unavailable', 'The store failed before, and writes nothing more: open it again.', {
    cause: failure,
  })
