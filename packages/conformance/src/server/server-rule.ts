import fc from 'fast-check'
import type { RuleId } from '../kit/rules.ts'
import type { RunOptions } from '../kit/run-options.ts'
import { Caller } from './caller.ts'
import type { ServerAbility, ServerHarness, ServerSetup } from './server-harness.ts'

/** A rule that a server keeps towards its callers, as a function: it rejects where the rule is broken. */
export interface ServerRule {
  readonly id: RuleId
  /** What the bench must be able to do for the rule to be tried. */
  readonly needs: readonly ServerAbility[]
  run(setup: ServerSetup, options?: ServerRunOptions): Promise<void>
}

export interface ServerRunOptions extends RunOptions {
  /** Once it is aborted a property begins no new case, nor a smaller one. */
  readonly enough?: AbortSignal
}

/** One case: a bench, and callers in its room. */
export interface Scene {
  readonly bench: ServerHarness
  /** Joins under a name that nobody else has. */
  join(name: string, more?: object): Promise<Caller>
}

export const sceneOn = (bench: ServerHarness): Scene => {
  const tag = Math.random().toString(36).slice(2, 8)
  return { bench, join: (name, more) => Caller.join(bench, `${name} ${tag}`, more) }
}

/** A rule told by one example. */
export const serverRule = (
  id: RuleId,
  needs: readonly ServerAbility[],
  example: (scene: Scene) => Promise<void>,
): ServerRule => ({ id, needs, run: setup => onBench(setup, example) })

/** A rule tried on values of `arbitrary`, each on a fresh bench; `share` of the runs asked for, at least one. */
export const serverProperty = <T>(
  id: RuleId,
  arbitrary: fc.Arbitrary<T>,
  check: (scene: Scene, value: T) => Promise<void>,
  share = 1,
): ServerRule => ({
  id,
  needs: [],
  run(setup, { runs = 50, seed, shrink = true, enough } = {}) {
    const tried = async (value: T): Promise<void> => {
      if (!enough?.aborted) await onBench(setup, scene => check(scene, value))
    }
    return fc.assert(fc.asyncProperty(arbitrary, tried), {
      numRuns: Math.max(1, Math.round(runs * share)),
      endOnFailure: !shrink,
      ...(seed !== undefined && { seed }),
    })
  },
})

async function onBench(setup: ServerSetup, run: (scene: Scene) => Promise<void>): Promise<void> {
  const bench = await setup()
  try {
    await run(sceneOn(bench))
  } catch (error) {
    bench.failed?.(error)
    throw error
  } finally {
    await bench.close()
  }
}
