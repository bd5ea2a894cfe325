import type { Cancel, Clock } from '../../ports/clock.ts'

/** A check that is not answered yet. Ends once: with an answer, after its time, or when its caller is gone. */
export class WaitingCheck<Answer> {
  readonly answer: Promise<Answer>
  #resolve!: (answer: Answer | Promise<Answer>) => void
  #cancel: Cancel | undefined
  #signal: AbortSignal | undefined
  #onAbort: (() => void) | undefined
  ended = false
  /** False: it ends once there is nothing to give. */
  mayWait = true
  /** While it waits: how many reads of the log for it have not ended. */
  reads = 0
  /** One of them has its turn. */
  isReading = false

  constructor() {
    this.answer = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  /** Tells whether it waits for messages. Before that it waits for its turn. */
  get isWaiting(): boolean {
    return this.#onAbort !== undefined && !this.ended
  }

  /** Calls `onTimeout` after `ms` milliseconds, and `onAbort` when its caller is gone. */
  wait(clock: Clock, ms: number, signal: AbortSignal | undefined, onTimeout: () => void, onAbort: () => void): void {
    if (signal?.aborted) return onAbort()
    this.#onAbort = onAbort
    this.#signal = signal
    this.#cancel = clock.after(ms, onTimeout)
    signal?.addEventListener('abort', onAbort, { once: true })
  }

  /** Answers it, once `persisted` resolves. Does nothing if it has ended. */
  end(answer: Answer, persisted?: Promise<void>): void {
    if (!this.ended) this.#settle(persisted ? persisted.then(() => answer) : answer)
  }

  /** Rejects it. Does nothing if it has ended. */
  fail(error: unknown): void {
    if (!this.ended) this.#settle(Promise.reject(error))
  }

  #settle(answer: Answer | Promise<Answer>): void {
    this.ended = true
    this.#cancel?.()
    if (this.#onAbort) this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#resolve(answer)
  }
}
