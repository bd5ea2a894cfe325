import type { Clock } from '../../ports/clock.ts'

/** What `work` comes to; rejects with `late()` where it takes more than `ms`. What it comes to later is passed over. */
export function withDeadline<T>(clock: Clock, ms: number, work: T | Promise<T>, late: () => Error): T | Promise<T> {
  if (!(work instanceof Promise)) return work
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()))
    work.then(resolve, reject).finally(cancel)
  })
}
