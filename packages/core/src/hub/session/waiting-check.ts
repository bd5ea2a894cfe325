import type { Cancel, Clock } from '../../ports/clock.ts'

/** A check that is not answered yet. Ends once: with an answer, after its time, or when its caller is gone. */
export class WaitingCheck<Answer> {
  readonly answer: Promise<Answer>
  #resolve!: (answer: Answer | Promise<Answer>) => void
  #cancel: Cancel | undefined
  #signal: AbortSignal | undefined
  #onIdle: (() => void) | undefined
  ended = false

  constructor() {
    this.answer = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  /** Tells whether it waits for messages. Before that it waits for its turn. */
  get isWaiting(): boolean {
    return this.#onIdle !== undefined && !this.ended
  }

  /** Calls `onIdle` after `ms` milliseconds, or when its caller is gone. */
  wait(clock: Clock, ms: number, signal: AbortSignal | undefined, onIdle: () => void): void {
    if (signal?.aborted) return onIdle()
    this.#onIdle = onIdle
    this.#signal = signal
    this.#cancel = clock.after(ms, onIdle)
    signal?.addEventListener('abort', onIdle, { once: true })
  }

  /** Answers it, once `persisted` resolves. Does nothing if it has ended. */
  end(answer: Answer, persisted?: Promise<void>): void {
    if (this.ended) return
    this.ended = true
    this.#cancel?.()
    if (this.#onIdle) this.#signal?.removeEventListener('abort', this.#onIdle)
    this.#resolve(persisted ? persisted.then(() => answer) : answer)
  }
}
