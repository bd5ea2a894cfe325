import type { Cancel, Clock } from '../ports/clock.ts'

/** A clock whose time moves only by `advance`. */
export interface VirtualClock extends Clock {
  /**
   * Moves time forward by `ms`. Runs due timers in order, each at its own time, and lets promises settle after each.
   */
  advance(ms: number): Promise<void>
  /** Runs due timers and settles promises without moving time. */
  settle(): Promise<void>
  /** The number of pending timers. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/**
 * Creates a clock for tests and simulations. `start`: its wall time in milliseconds since 1970.
 *
 * @example
 * const clock = virtualClock()
 * clock.after(1000, () => console.log('due'))
 * await clock.advance(1000)
 */
export function virtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  let time = 0
  let order = 0
  const timers = new Set<Timer>()

  const nextDue = (until: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.at > until) continue
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer
    }
    return next
  }

  const runUntil = async (until: number) => {
    await settlePromises()
    for (let timer = nextDue(until); timer; timer = nextDue(until)) {
      timers.delete(timer)
      time = Math.max(time, timer.at)
      timer.run()
      await settlePromises()
    }
    time = Math.max(time, until)
  }

  return {
    now: () => start + time,
    monotonic: () => time,
    after(ms, run): Cancel {
      const timer = { at: time + Math.max(ms, 0), order: order++, run }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    soon: run => queueMicrotask(run),
    keepProcessAlive: () => () => {},
    advance: ms => runUntil(time + ms),
    settle: () => runUntil(time),
    get pending() {
      return timers.size
    },
  }
}

/** Lets chained promises run, however the engine schedules them. */
async function settlePromises(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await undefined
}
