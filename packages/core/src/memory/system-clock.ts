import type { Cancel, Clock } from '../ports/clock.ts'

interface Unrefable {
  unref?(): void
}

/** The machine's own clock. Its timers keep no process alive; `stayAwake` does. */
export const systemClock = (): Clock => ({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run): Cancel {
    const timer = setTimeout(run, Math.min(Math.max(Math.ceil(ms), 0), 2 ** 31 - 1)) as unknown
    ;(timer as Unrefable).unref?.()
    return () => clearTimeout(timer as number)
  },
  stayAwake(): Cancel {
    const timer = setInterval(() => {}, 2 ** 30)
    return () => clearInterval(timer)
  },
})
