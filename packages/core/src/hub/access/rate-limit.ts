/** How much one session may ask for. */
export interface CallRate {
  /** So many calls a second for as long as one likes, … */
  readonly per_second: number
  /** … and so many at once by whoever asked for little before. */
  readonly burst: number
}

/** What is left of a session's rate. It fills up by itself, steadily. */
export class RateLimiter {
  readonly #rate: CallRate
  #left: number
  #at: number

  constructor(rate: CallRate, now: number) {
    this.#rate = rate
    this.#left = rate.burst
    this.#at = now
  }

  /** Takes one call at `now`, on the monotonic clock. 0 where that may be; else after how many milliseconds it may. */
  take(now: number): number {
    const { per_second, burst } = this.#rate
    this.#left = Math.min(burst, this.#left + ((now - this.#at) * per_second) / 1000)
    this.#at = now
    if (this.#left < 1) return Math.max(1, Math.ceil(((1 - this.#left) * 1000) / per_second))
    this.#left--
    return 0
  }
}
