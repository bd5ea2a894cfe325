import type { Clock } from '@midsentence/core'

/** Collects one line for each event, for a person to read. */
export class SimulationTrace {
  readonly lines: string[] = []
  readonly #clock: Clock | undefined

  /** Without a clock it collects nothing. */
  constructor(clock?: Clock) {
    this.#clock = clock
  }

  line(who: string, what: string): void {
    if (this.#clock) this.lines.push(`${seconds(this.#clock.monotonic())}  ${who.padEnd(6)}  ${what}`)
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3).padStart(9)
