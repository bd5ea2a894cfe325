import type { Clock } from '../ports/clock.ts'

/** A line on which something should come now and then. */
export interface IdleWatch {
  /** Something came. */
  touch(): void
  cancel(): void
}

/** Calls `dead` once nothing came for `ms`. One timer, set again only when it fires: what comes costs a clock reading. */
export function watchIdle(clock: Clock, ms: number, dead: () => void): IdleWatch {
  let last = clock.monotonic()
  const look = (): void => {
    const left = last + ms - clock.monotonic()
    if (left <= 0) dead()
    else cancel = clock.after(left, look)
  }
  let cancel = clock.after(ms, look)
  const alive = () => {
    last = clock.monotonic()
  }
  return { touch: alive, cancel: () => cancel() }
}
