/** Cancels a timer. Idempotent; has no effect after the timer fired. */
export type Cancel = () => void

/**
 * Time, replaceable in tests. `systemClock` and `virtualClock` implement it. Waits, floors and time-outs use
 * `monotonic`; only a message's `timestamp` uses `now`. No method fails.
 */
export interface Clock {
  /** Returns the wall time in milliseconds since 1970, UTC. It may jump. */
  now(): number
  /** Returns milliseconds since an arbitrary moment. It never decreases. */
  monotonic(): number
  /** Calls `run` once, after at least `ms` milliseconds and never synchronously. The timer keeps no process alive. */
  after(ms: number, run: () => void): Cancel
  /** Calls `run` once, after the input of this turn of the event loop was handled, and never synchronously. */
  soon(run: () => void): void
  /** Keeps the process alive until the returned function is called. Held while a caller awaits a result. */
  keepProcessAlive(): Cancel
}
