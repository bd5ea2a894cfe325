const WINDOW = 16
/** A busy machine may process the first request last. This minimum costs little, since few cases settle. */
const MIN_MS = 50
const MAX_MS = 1000

/** Measures how fast a server answers at the moment, to know when a request has certainly arrived. */
export class ResponseTimes {
  readonly #recent: number[] = []

  /** Records how long a call took that does not wait, in milliseconds. */
  record(ms: number): void {
    this.#recent.push(ms)
    if (this.#recent.length > WINDOW) this.#recent.shift()
  }

  /** After this many milliseconds the server has certainly read a request. */
  get settleMs(): number {
    return Math.min(MAX_MS, Math.max(MIN_MS, 3 * Math.max(0, ...this.#recent)))
  }
}
