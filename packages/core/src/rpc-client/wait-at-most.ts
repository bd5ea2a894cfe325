import type { Clock } from '../ports/clock.ts'

/** Resolves once `work` has ended, whichever way, or time is up. */
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
