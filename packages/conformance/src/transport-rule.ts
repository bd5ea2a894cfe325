import type { Supports } from '@midsentence/core'
import fc from 'fast-check'
import type { Setup } from './bench.ts'
import type { RuleId } from './rules.ts'
import { play, type Step, scripts, type Trace } from './script.ts'
import { Stage } from './stage.ts'

export interface RunOptions {
  /** How often a property is tried. Default 1000, or 10,000 where `MIDSENTENCE_TIER` is `long`. */
  readonly runs?: number
  /** Of the properties' randomness; by default a new one each time, printed where one fails. */
  readonly seed?: number
  /** Look for the smallest counterexample. Default true. */
  readonly shrink?: boolean
}

/** A rule that a transport keeps, as a function: it rejects where the rule is broken. */
export interface TransportRule {
  readonly id: RuleId
  /** What a transport must support for the rule to apply. */
  readonly needs: readonly (keyof Supports)[]
  run(setup: Setup, options?: RunOptions): Promise<void>
}

type Check = (stage: Stage) => Promise<void>

/** A rule told by one example, and by `property` where there is more to try. */
export const transportRule = (
  id: RuleId,
  needs: TransportRule['needs'],
  example: Check | undefined,
  property?: (setup: Setup, options: RunOptions) => Promise<void>,
): TransportRule => ({
  id,
  needs,
  async run(setup, options = {}) {
    if (example) await Stage.play(setup, example)
    await property?.(setup, options)
  },
})

/** Tries `check` on values of `arbitrary`, each on a fresh bench; `share` of the runs asked for, at least one. */
export const onFresh =
  <T>(arbitrary: fc.Arbitrary<T>, check: (stage: Stage, value: T) => Promise<void>, share = 1) =>
  (setup: Setup, { runs = defaultRuns(), seed, shrink = true }: RunOptions): Promise<void> =>
    fc.assert(
      fc.asyncProperty(arbitrary, value => Stage.play(setup, stage => check(stage, value))),
      { numRuns: Math.max(1, Math.round(runs * share)), endOnFailure: !shrink, ...(seed !== undefined && { seed }) },
    )

/** Plays random conversations and holds `check` against what they led to. */
export const conversations =
  (check: (trace: Trace, stage: Stage) => void, share = 1) =>
  (setup: Setup, options: RunOptions): Promise<void> =>
    onFresh<readonly Step[]>(
      // On a real clock a run takes seconds: a handful of steps.
      scripts((options.runs ?? defaultRuns()) < 20 ? 8 : 30),
      async (stage, script) => check(await play(stage, script), stage),
      share,
    )(setup, options)

const defaultRuns = (): number => (environment('MIDSENTENCE_TIER') === 'long' ? 10_000 : 1000)

const environment = (name: string): string | undefined =>
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[name]
