import type { Supports } from '@midsentence/core'
import fc from 'fast-check'
import type { RuleId } from '../kit/rules.ts'
import { defaultRuns, type RunOptions } from '../kit/run-options.ts'
import { TransportScenario } from './scenario.ts'
import type { TransportSetup } from './transport-harness.ts'

/** A rule of a transport as a function: rejects if the transport breaks it. */
export interface TransportRule {
  readonly id: RuleId
  /** What a transport must support for the rule to apply. */
  readonly needs: readonly (keyof Supports)[]
  run(setup: TransportSetup, options?: RunOptions): Promise<void>
}

type TransportCheck = (scenario: TransportScenario) => Promise<void>
type TransportProperty = (setup: TransportSetup, options: RunOptions) => Promise<void>

/** Makes a rule of an example, of random cases, or of both. */
export const transportRule = (
  id: RuleId,
  needs: TransportRule['needs'],
  example: TransportCheck | undefined,
  property?: TransportProperty,
): TransportRule => ({
  id,
  needs,
  async run(setup, options = {}) {
    if (example) await TransportScenario.run(setup, example)
    await property?.(setup, options)
  },
})

/** Tries `check` on values of `arbitrary`, each with a new harness. `share` is the part of the asked runs, at least one. */
export const onFresh =
  <T>(
    arbitrary: fc.Arbitrary<T>,
    check: (scenario: TransportScenario, value: T) => Promise<void>,
    share = 1,
  ): TransportProperty =>
  (setup, { runs = defaultRuns(), seed, shrink = true }) =>
    fc.assert(
      fc.asyncProperty(arbitrary, value => TransportScenario.run(setup, scenario => check(scenario, value))),
      { numRuns: Math.max(1, Math.round(runs * share)), endOnFailure: !shrink, ...(seed !== undefined && { seed }) },
    )
