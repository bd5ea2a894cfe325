import type { Clock } from '@midsentence/core'

/** Resolves after `ms` milliseconds of `clock`, at once for 0. */
export const pause = (clock: Clock, ms: number): Promise<void> =>
  ms <= 0
    ? Promise.resolve()
    : new Promise(resolve => {
        clock.after(ms, () => resolve())
      })
