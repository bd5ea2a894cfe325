import type { Cancel, Clock } from '@midsentence/core'

/** A connection of a device. */
export interface DeviceConnection {
  /** Called when nothing arrives any more on either side. */
  unreachable(): void
  /** Called when what was on its way arrives. */
  reachable(): void
}

/**
 * The computer of one client, with its clock. While it sleeps, its programs do not run: timers fire when it wakes, in the
 * order in which they were due.
 */
export class Device implements Clock {
  readonly connections = new Set<DeviceConnection>()
  readonly #clock: Clock
  #asleep = false
  #waiting: (() => void)[] = []
  /** How long its monotonic clock was stopped. */
  #stoppedMs = 0
  #stoppedAt: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isAsleep(): boolean {
    return this.#asleep
  }

  now(): number {
    return this.#clock.now()
  }

  monotonic(): number {
    return (this.#stoppedAt ?? this.#clock.monotonic()) - this.#stoppedMs
  }

  after(ms: number, run: () => void): Cancel {
    const due = this.monotonic() + Math.max(ms, 0)
    let cancelled = false
    const fire = () => {
      if (cancelled) return
      if (this.#asleep) return void this.#waiting.push(fire)
      const left = due - this.monotonic()
      if (left > 0) cancel = this.#clock.after(left, fire)
      else run()
    }
    let cancel = this.#clock.after(ms, fire)
    return () => {
      cancelled = true
      cancel()
    }
  }

  soon(run: () => void): void {
    this.#clock.soon(() => this.whenAwake(run))
  }

  keepProcessAlive(): Cancel {
    return () => {}
  }

  /** Runs `run` now, or when the device wakes. */
  whenAwake(run: () => void): void {
    if (this.#asleep) this.#waiting.push(() => this.whenAwake(run))
    else run()
  }

  /** Sleeps for `ms` milliseconds. With `clockStops` its monotonic clock stops meanwhile, as on Linux. */
  sleep(ms: number, clockStops: boolean): void {
    if (this.#asleep) return
    this.#asleep = true
    if (clockStops) this.#stoppedAt = this.#clock.monotonic()
    for (const connection of this.connections) connection.unreachable()
    this.#clock.after(ms, () => this.#wake())
  }

  #wake(): void {
    if (this.#stoppedAt !== undefined) {
      this.#stoppedMs += this.#clock.monotonic() - this.#stoppedAt
      this.#stoppedAt = undefined
    }
    this.#asleep = false
    for (const connection of [...this.connections]) connection.reachable()
    // Each in its own turn, since a program handles one event after another.
    for (const run of this.#waiting.splice(0)) this.#clock.after(0, run)
  }
}
