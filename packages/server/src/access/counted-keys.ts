/** The key of all that are not counted apart. */
const OTHERS = 'others'

/**
 * Keys of a limiter, which keeps a record and a timer for each: at most `most` of them within `window_ms`. Later ones share
 * a key.
 */
export class CountedKeys {
  readonly #most: number
  readonly #windowMs: number
  readonly #counts = new Map<string, number>()
  #since = 0

  constructor(most: number, window_ms: number) {
    this.#most = most
    this.#windowMs = window_ms
  }

  /** Returns the key to count `key` by: itself, or one for all if too many came. */
  keyOf(key: string): string {
    const now = performance.now()
    if (now - this.#since > this.#windowMs) {
      this.#counts.clear()
      this.#since = now
    }
    if (this.#counts.has(key)) return key
    if (this.#counts.size >= this.#most) return OTHERS
    this.#counts.set(key, 0)
    return key
  }

  /** Counts `key` once more in this window. Returns how often it came. */
  count(key: string): number {
    const counted = this.keyOf(key)
    const count = (this.#counts.get(counted) ?? 0) + 1
    this.#counts.set(counted, count)
    return count
  }

  /** Forgets `key`. */
  delete(key: string): void {
    this.#counts.delete(key)
  }
}
