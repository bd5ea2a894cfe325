import fc from 'fast-check'
import type { RuleId } from '../kit/rules.ts'
import type { RunOptions } from '../kit/run-options.ts'
import { Caller } from './caller.ts'
import type { ServerAbility, ServerHarness, ServerSetup } from './server-harness.ts'

/** A rule of a server as a function: rejects if the server breaks it. */
export interface ServerRule {
  readonly id: RuleId
  /** What the harness must support for the rule to be tried. */
  readonly needs: readonly ServerAbility[]
  run(setup: ServerSetup, options?: ServerRunOptions): Promise<void>
}

export interface ServerRunOptions extends RunOptions {
  /** Ends random cases early: after an abort no new case starts, and none is made smaller. */
  readonly enough?: AbortSignal
}

/** One case: a harness, and callers in its room. */
export interface ServerScenario {
  readonly harness: ServerHarness
  /** Joins under a name that is made unique. */
  join(name: string, more?: object): Promise<Caller>
}

export const scenarioOn = (harness: ServerHarness): ServerScenario => {
  const tag = Math.random().toString(36).slice(2, 8)
  return { harness, join: (name, more) => Caller.join(harness, `${name} ${tag}`, more) }
}

/** Makes a rule of one example. */
export const serverRule = (
  id: RuleId,
  needs: readonly ServerAbility[],
  example: (scenario: ServerScenario) => Promise<void>,
): ServerRule => ({ id, needs, run: setup => withHarness(setup, example) })

/** Makes a rule of random cases, each with a new harness. `share` is the part of the asked runs, at least one. */
export const serverProperty = <T>(
  id: RuleId,
  arbitrary: fc.Arbitrary<T>,
  check: (scenario: ServerScenario, value: T) => Promise<void>,
  share = 1,
): ServerRule => ({
  id,
  needs: [],
  run(setup, { runs = 50, seed, shrink = true, enough } = {}) {
    const tried = async (value: T): Promise<void> => {
      if (!enough?.aborted) await withHarness(setup, scenario => check(scenario, value))
    }
    return fc.assert(fc.asyncProperty(arbitrary, tried), {
      numRuns: Math.max(1, Math.round(runs * share)),
      endOnFailure: !shrink,
      ...(seed !== undefined && { seed }),
    })
  },
})

async function withHarness(setup: ServerSetup, run: (scenario: ServerScenario) => Promise<void>): Promise<void> {
  const harness = await setup()
  try {
    await run(scenarioOn(harness))
  } catch (error) {
    harness.failed?.(error)
    throw error
  } finally {
    await harness.close()
  }
}
