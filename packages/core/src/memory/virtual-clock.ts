import type { Cancel, Clock } from '../ports/clock.ts'

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  /**
   * Moves time on by `ms`, running due timers in order, each at its own moment. Between two of them, and at the end,
   * promises get to run. Resolves when all is quiet.
   */
  advance(ms: number): Promise<void>
  /** Runs due timers and promises without moving time on. */
  settle(): Promise<void>
  /** Timers that wait. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** Time for tests and simulations: starts at `start` milliseconds since 1970. */
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
    await quiet()
    for (let timer = nextDue(until); timer; timer = nextDue(until)) {
      timers.delete(timer)
      time = Math.max(time, timer.at)
      timer.run()
      await quiet()
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

/** Lets promises run that depend on each other in a chain, however the engine schedules them. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await undefined
}
