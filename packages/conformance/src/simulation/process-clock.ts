import type { Cancel, Clock } from '@midsentence/core'

/** Timers are due at multiples of this, so that none is due a rounding error too early. */
const TICK_MS = 2 ** -10

/**
 * A clock whose timers end with their process. Its wall time is off by `offsetMs`; its monotonic time runs at `speed`. While
 * the process is stopped, its timers do not fire, but its time goes on.
 */
export class ProcessClock implements Clock {
  readonly #clock: Clock
  readonly #speed: number
  readonly #cancels = new Set<Cancel>()
  readonly ended: Promise<undefined>
  #resolveEnded!: () => void
  #hasEnded = false
  /** What waits while the process is stopped. */
  #waiting: (() => void)[] | undefined
  offsetMs = 0

  constructor(clock: Clock, speed = 1) {
    this.#clock = clock
    this.#speed = speed
    this.ended = new Promise(resolve => {
      this.#resolveEnded = () => resolve(undefined)
    })
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  get isStopped(): boolean {
    return this.#waiting !== undefined
  }

  now(): number {
    return this.#clock.now() + this.offsetMs
  }

  monotonic(): number {
    return this.#clock.monotonic() * this.#speed
  }

  after(ms: number, run: () => void): Cancel {
    if (this.#hasEnded) return () => {}
    let cancelled = false
    const fire = () => {
      this.#cancels.delete(cancel)
      this.whenRunning(() => {
        if (!cancelled) run()
      })
    }
    const real = this.#speed === 1 ? ms : Math.ceil(ms / this.#speed / TICK_MS) * TICK_MS
    const cancel = this.#clock.after(real, fire)
    this.#cancels.add(cancel)
    return () => {
      cancelled = true
      this.#cancels.delete(cancel)
      cancel()
    }
  }

  soon(run: () => void): void {
    this.#clock.soon(() => this.whenRunning(run))
  }

  keepProcessAlive(): Cancel {
    return () => {}
  }

  /** Runs `run` now, or when the process goes on. Never after its end. */
  whenRunning(run: () => void): void {
    if (this.#hasEnded) return
    if (this.#waiting) this.#waiting.push(run)
    else run()
  }

  stop(): void {
    this.#waiting ??= []
  }

  goOn(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    // Each in its own turn, since a program handles one event after another.
    for (const run of waiting) this.#clock.after(0, () => this.whenRunning(run))
  }

  end(): void {
    this.#hasEnded = true
    for (const cancel of this.#cancels) cancel()
    this.#resolveEnded()
  }
}
