import type { Clock } from '@midsentence/core'

/** What happened, a line a moment, for a person to follow. */
export class Trace {
  readonly lines: string[] = []
  readonly #clock: Clock | undefined

  /** Without a clock nothing is written down. */
  constructor(clock?: Clock) {
    this.#clock = clock
  }

  line(who: string, what: string): void {
    if (this.#clock) this.lines.push(`${seconds(this.#clock.monotonic())}  ${who.padEnd(6)}  ${what}`)
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3).padStart(9)
