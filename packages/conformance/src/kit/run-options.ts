/** How a rule is run. */
export interface RunOptions {
  /** How many random cases to try. Default: 1,000, or 10,000 if the variable `MIDSENTENCE_TIER` is `long`. */
  readonly runs?: number
  /** Seed of the random cases. Default: a new one for each run. A failure prints it. */
  readonly seed?: number
  /** Whether to look for the smallest counterexample. Default: true. */
  readonly shrink?: boolean
}

/** How the vitest tests of a kit are run. */
export interface TestOptions extends RunOptions {
  /** Time limit of one rule in milliseconds. Default: the one that vitest is configured with. */
  readonly timeout?: number
}

/** Returns how many random cases are tried by default. */
export const defaultRuns = (): number => (environment('MIDSENTENCE_TIER') === 'long' ? 10_000 : 1000)

/** Returns a variable of the environment; undefined outside of Node.js. */
const environment = (name: string): string | undefined =>
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[name]
