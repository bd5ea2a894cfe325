import type { Cancel, Clock } from '@midsentence/core'

/** A clock whose timers end with their process. Its wall time is off by `offsetMs`. */
export class ProcessClock implements Clock {
  readonly #clock: Clock
  readonly #cancels = new Set<Cancel>()
  readonly ended: Promise<undefined>
  #resolveEnded!: () => void
  #hasEnded = false
  offsetMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.ended = new Promise(resolve => {
      this.#resolveEnded = () => resolve(undefined)
    })
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  now(): number {
    return this.#clock.now() + this.offsetMs
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  after(ms: number, run: () => void): Cancel {
    if (this.#hasEnded) return () => {}
    const cancel = this.#clock.after(ms, () => {
      this.#cancels.delete(cancel)
      run()
    })
    this.#cancels.add(cancel)
    return () => {
      this.#cancels.delete(cancel)
      cancel()
    }
  }

  soon(run: () => void): void {
    this.#clock.soon(() => {
      if (!this.#hasEnded) run()
    })
  }

  keepProcessAlive(): Cancel {
    return () => {}
  }

  end(): void {
    this.#hasEnded = true
    for (const cancel of this.#cancels) cancel()
    this.#resolveEnded()
  }
}
