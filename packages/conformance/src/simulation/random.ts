/** A seeded random generator (mulberry32): the same seed gives the same numbers. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Returns a number from 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** Returns a whole number from 0, below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** Returns true in `percent` of 100 cases. */
  boolean(percent: number): boolean {
    return this.next() * 100 < percent
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!
  }
}
