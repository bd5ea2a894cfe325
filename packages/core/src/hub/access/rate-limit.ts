import { MidsentenceError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Monitor } from '../../ports/monitor.ts'

/** How many calls a session may make. */
export interface CallRate {
  /** Calls per second over time. */
  readonly per_second: number
  /** Calls at once after a pause. */
  readonly burst: number
}

/** A token bucket for the calls of one session. Debts of `charge` are at most one burst. */
export class RateLimiter {
  readonly #rate: CallRate
  #left: number
  #at: number

  /** Begins full at `now`, in milliseconds on the monotonic clock. */
  constructor(rate: CallRate, now: number) {
    this.#rate = rate
    this.#left = rate.burst
    this.#at = now
  }

  /** Takes one call at `now`. Returns 0 if it is allowed, else the milliseconds until it is. */
  take(now: number): number {
    const { per_second, burst } = this.#rate
    this.#left = Math.min(burst, this.#left + ((now - this.#at) * per_second) / 1000)
    this.#at = now
    if (this.#left < 1) return Math.max(1, Math.ceil(((1 - this.#left) * 1000) / per_second))
    this.#left--
    return 0
  }

  /** Takes `points` that were known only after the call. Below zero, `take` refuses until they have come back. */
  charge(points: number): void {
    this.#left = Math.max(-this.#rate.burst, this.#left - points)
  }
}

/** Creates the error of a call above the rate. Nothing was done: the same call may be made again. */
const rateLimitedError = (retry_after_ms: number): MidsentenceError =>
  new MidsentenceError(
    'rate-limited',
    `These are more calls than one may make: wait ${retry_after_ms} ms, then go on. Nothing was done, your draft is kept.`,
    { data: { retry_after_ms } },
  )

/** Milliseconds that a hook of the policy takes, per point. */
export const HOOK_MS_PER_POINT = 10

interface RateLimited {
  readonly rateLimiter: RateLimiter | undefined
  readonly monitor: Monitor
}

/** Takes one call of a session in `room`. Throws `rate-limited` above the rate. */
export function takeRate({ rateLimiter, monitor }: RateLimited, clock: Clock, room: { readonly name: string }): void {
  const wait = rateLimiter?.take(clock.monotonic()) ?? 0
  if (wait === 0) return
  monitor.refused('rate', room.name)
  throw rateLimitedError(wait)
}
