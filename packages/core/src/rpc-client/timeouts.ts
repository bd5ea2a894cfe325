import type { Clock } from '../ports/clock.ts'

/** Resolves once `work` has settled, or after `ms` milliseconds. */
export function waitAtMost(clock: Clock, work: Promise<unknown>, ms: number): Promise<void> {
  return new Promise(resolve => {
    const cancel = clock.after(ms, resolve)
    const done = () => {
      cancel()
      resolve()
    }
    work.then(done, done)
  })
}

/** Watches a connection for silence. */
export interface IdleWatch {
  /** Reports that data arrived. */
  touch(): void
  cancel(): void
}

/**
 * Calls `onIdle` after `ms` milliseconds without data. Uses one timer, restarted only when it fires: `touch` only reads the
 * clock.
 */
export function watchIdle(clock: Clock, ms: number, onIdle: () => void): IdleWatch {
  let last = clock.monotonic()
  const inspect = (): void => {
    const left = last + ms - clock.monotonic()
    if (left <= 0) onIdle()
    else cancel = clock.after(left, inspect)
  }
  let cancel = clock.after(ms, inspect)
  const touch = () => {
    last = clock.monotonic()
  }
  return { touch, cancel: () => cancel() }
}
