const REMEMBERED = 16
/** On a machine that is busy what was sent first may be read last: this costs little, since little settles. */
const LEAST_MS = 50
const MOST_MS = 1000

/** How fast a server answers just now, and so how long it takes until what was sent has arrived. */
export class Pace {
  readonly #took: number[] = []

  /** A call that waits for nobody took so many milliseconds. */
  took(ms: number): void {
    this.#took.push(ms)
    if (this.#took.length > REMEMBERED) this.#took.shift()
  }

  /** What was sent so many milliseconds ago has certainly been read. */
  get settleMs(): number {
    return Math.min(MOST_MS, Math.max(LEAST_MS, 3 * Math.max(0, ...this.#took)))
  }
}
