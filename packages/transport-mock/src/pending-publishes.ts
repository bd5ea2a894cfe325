import { type Clock, MidsentenceError, type Verdict } from '@midsentence/core'

interface PendingVerdict {
  resolve(verdict: Verdict): void
  reject(error: MidsentenceError): void
}

/** Pairs each publish with its answer by a number. */
export class PendingPublishes {
  readonly #clock: Clock
  readonly #pending = new Map<number, PendingVerdict>()
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `send` with a new number and waits up to `ms` milliseconds for its answer, then rejects with `unavailable`. */
  start(ms: number, send: (id: number) => void): Promise<Verdict> {
    const id = ++this.#lastId
    return new Promise<Verdict>((resolve, reject) => {
      const cancel = this.#clock.after(ms, () => this.reject(id, outcomeUnknown()))
      this.#pending.set(id, {
        resolve: verdict => {
          cancel()
          resolve(verdict)
        },
        reject: error => {
          cancel()
          reject(error)
        },
      })
      send(id)
    })
  }

  resolve(id: number, verdict: Verdict): void {
    this.#take(id)?.resolve(verdict)
  }

  reject(id: number, error: MidsentenceError): void {
    this.#take(id)?.reject(error)
  }

  /** Rejects every pending publish. Default: `unavailable` with `data.unknown`, for a link that broke. */
  rejectAll(error = outcomeUnknown()): void {
    for (const id of [...this.#pending.keys()]) this.reject(id, error)
  }

  #take(id: number): PendingVerdict | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }
}

const outcomeUnknown = () =>
  new MidsentenceError(
    'unavailable',
    'The connection broke before the room answered. It is not known yet whether your message was sent.',
    { data: { unknown: true } },
  )
