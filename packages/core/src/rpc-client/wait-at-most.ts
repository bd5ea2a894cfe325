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
