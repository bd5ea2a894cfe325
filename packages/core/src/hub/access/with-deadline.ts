import type { Clock } from '../../ports/clock.ts'

/** Resolves with `work`, or rejects with `timeoutError()` after `ms` milliseconds. A later result of `work` is ignored. */
export function withDeadline<T>(
  clock: Clock,
  ms: number,
  work: T | Promise<T>,
  timeoutError: () => Error,
): T | Promise<T> {
  if (!(work instanceof Promise)) return work
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(timeoutError()))
    work.then(resolve, reject).finally(cancel)
  })
}
