import fc from 'fast-check'

/** The calls that a script has made and nobody has awaited. */
export class Calls {
  #under: Promise<void>[] = []
  #failure: unknown
  #life = 0

  /** Has `judge` look at how `call` ended, once it has. */
  watch<T>(call: Promise<T>, judge: (outcome: PromiseSettledResult<T>) => void): void {
    const life = this.#life
    const judged = Promise.allSettled([call]).then(([outcome]) => {
      if (life === this.#life) judge(outcome!)
    })
    this.#under.push(
      judged.catch(error => {
        this.#failure ??= error
      }),
    )
  }

  /** Resolves once every call has ended; throws what a judge threw. */
  async ended(): Promise<void> {
    await Promise.all(this.#under.splice(0))
    if (this.#failure) throw this.#failure
  }

  /** What is under way is nobody's any more: its store has crashed. */
  forget(): void {
    if (this.#failure) throw this.#failure
    this.#life++
    this.#under = []
  }
}

/** Time in which what is under way gets on: `short` turns within this one, and `long` ones of their own. */
export interface Pause {
  readonly do: 'pause'
  readonly short: number
  readonly long: number
}

export const pauses: fc.Arbitrary<Pause> = fc.record({
  do: fc.constant('pause' as const),
  short: fc.nat(9),
  long: fc.constantFrom(0, 0, 1, 3, 9),
})

// In Node a time-out takes a whole millisecond, in which a file is long written.
const { setImmediate: soon = setTimeout } = globalThis as unknown as {
  setImmediate?: (act: (value: unknown) => void) => unknown
}

/** Waits so many turns. */
export async function turns({ short, long }: Omit<Pause, 'do'>): Promise<void> {
  for (let left = short; left > 0; left--) await undefined
  for (let left = long; left > 0; left--) await new Promise(resolve => soon(resolve))
}
