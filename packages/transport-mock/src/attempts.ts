import { type Clock, MidsentenceError, type Verdict } from '@midsentence/core'

interface Attempt {
  resolve(verdict: Verdict): void
  reject(error: MidsentenceError): void
}

/** Publishes whose answers are awaited, each under a number of its own. */
export class Attempts {
  readonly #clock: Clock
  readonly #waiting = new Map<number, Attempt>()
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Sends one by `send`, and waits for its answer at most so many milliseconds. */
  make(ms: number, send: (attempt: number) => void): Promise<Verdict> {
    const attempt = ++this.#last
    return new Promise<Verdict>((resolve, reject) => {
      const cancel = this.#clock.after(ms, () => this.reject(attempt, notKnown()))
      this.#waiting.set(attempt, {
        resolve: verdict => {
          cancel()
          resolve(verdict)
        },
        reject: error => {
          cancel()
          reject(error)
        },
      })
      send(attempt)
    })
  }

  resolve(attempt: number, verdict: Verdict): void {
    this.#take(attempt)?.resolve(verdict)
  }

  reject(attempt: number, error: MidsentenceError): void {
    this.#take(attempt)?.reject(error)
  }

  /** The line broke: what became of those under way is not known. */
  giveUp(error = notKnown()): void {
    for (const attempt of [...this.#waiting.keys()]) this.reject(attempt, error)
  }

  #take(attempt: number): Attempt | undefined {
    const waiting = this.#waiting.get(attempt)
    this.#waiting.delete(attempt)
    return waiting
  }
}

const notKnown = () =>
  new MidsentenceError(
    'unavailable',
    'The line broke before the room had answered. It is not known yet whether it was sent.',
    { data: { unknown: true } },
  )
