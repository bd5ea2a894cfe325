const WINDOW = 16
/** On a machine that is busy what was sent first may be read last: this costs little, since little settles. */
const MIN_MS = 50
const MAX_MS = 1000

/** How fast a server answers just now, and so how long it takes until what was sent has arrived. */
export class ResponseTimes {
  readonly #took: number[] = []

  /** A call that waits for nobody took so many milliseconds. */
  record(ms: number): void {
    this.#took.push(ms)
    if (this.#took.length > WINDOW) this.#took.shift()
  }

  /** What was sent so many milliseconds ago has certainly been read. */
  get settleMs(): number {
    return Math.min(MAX_MS, Math.max(MIN_MS, 3 * Math.max(0, ...this.#took)))
  }
}
