import fc from 'fast-check'

/** A pause in which open calls proceed. */
export interface Pause {
  readonly do: 'pause'
  /** Microtasks to wait for. */
  readonly short: number
  /** Turns of the event loop to wait for. */
  readonly long: number
}

export const pauses: fc.Arbitrary<Pause> = fc.record({
  do: fc.constant('pause' as const),
  short: fc.nat(9),
  long: fc.constantFrom(0, 0, 1, 3, 9),
})

// A timeout takes at least a millisecond in Node.js: a file is written before it fires.
const { setImmediate: soon = setTimeout } = globalThis as unknown as {
  setImmediate?: (act: (value: unknown) => void) => unknown
}

/** Waits for `short` microtasks, then for `long` turns of the event loop. */
export async function turns({ short, long }: Omit<Pause, 'do'>): Promise<void> {
  for (let left = short; left > 0; left--) await undefined
  for (let left = long; left > 0; left--) await new Promise(resolve => soon(resolve))
}
