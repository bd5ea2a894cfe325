/** Ends a timer. Idempotent, and harmless after it fired. */
export type Cancel = () => void

/**
 * Time, so that tests own it. Called by core, transports and rooms; implemented by `systemClock` and `virtualClock`.
 * Waits, floors and time-outs go by `monotonic`; only a message's `timestamp` goes by `now`. Never fails.
 */
export interface Clock {
  /** Wall time in milliseconds since 1970, UTC. May jump. */
  now(): number
  /** Milliseconds since some moment of no meaning. Never goes back. */
  monotonic(): number
  /** Calls `run` once after at least `ms` milliseconds, never before this call returned. The timer keeps no process alive. */
  after(ms: number, run: () => void): Cancel
  /** Calls `run` once, after what came in by this turn of the event loop was taken in; never before this call returned. */
  soon(run: () => void): void
  /** Keeps the process alive until the answer is called: held while somebody waits for a result. */
  keepProcessAlive(): Cancel
}
