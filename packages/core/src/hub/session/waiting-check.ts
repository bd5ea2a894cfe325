import type { Cancel, Clock } from '../../ports/clock.ts'

/** A check on its way to an answer. Ends once: by an answer, by time, or because its caller is gone. */
export class WaitingCheck<Answer> {
  readonly answer: Promise<Answer>
  #resolve!: (answer: Answer | Promise<Answer>) => void
  #cancel: Cancel | undefined
  #signal: AbortSignal | undefined
  #idle: (() => void) | undefined
  over = false

  constructor() {
    this.answer = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  /** Does it wait for something to be said? Before that it waits for its turn. */
  get waits(): boolean {
    return this.#idle !== undefined
  }

  /** Waits so many milliseconds from now, or as long as its caller is there; then `idle` is called. */
  wait(clock: Clock, ms: number, signal: AbortSignal | undefined, idle: () => void): void {
    if (signal?.aborted) return idle()
    this.#idle = idle
    this.#signal = signal
    this.#cancel = clock.after(ms, idle)
    signal?.addEventListener('abort', idle, { once: true })
  }

  /** Ends it with `answer`, which is told once `kept` is. */
  end(answer: Answer, kept?: Promise<void>): void {
    if (this.over) return
    this.over = true
    this.#cancel?.()
    if (this.#idle) this.#signal?.removeEventListener('abort', this.#idle)
    this.#resolve(kept ? kept.then(() => answer) : answer)
  }
}
