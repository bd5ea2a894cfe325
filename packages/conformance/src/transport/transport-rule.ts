import type { Supports } from '@midsentence/core'
import fc from 'fast-check'
import type { RuleId } from '../kit/rules.ts'
import { lineRaces, race } from './connection-race.ts'
import { Stage } from './scenario.ts'
import { play, type Step, scripts, type Trace } from './script.ts'
import type { Setup } from './transport-harness.ts'

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

/** What is held against a conversation that was played to its end: throws where a rule is broken. */
type Judge = (trace: Trace, stage: Stage) => void

/** Every judge of conversations. */
const judges: Judge[] = []

/**
 * Plays random conversations and holds `judge` against what they led to. All judges look at the same ones, since playing
 * is what costs: where one of them finds something its rule plays on alone, for the smallest counterexample.
 */
export function conversations(judge: Judge): (setup: Setup, options: RunOptions) => Promise<void> {
  judges.push(judge)
  return async (setup, options) => {
    // Whoever wants no smallest counterexample mostly looks for one rule, and for the first.
    if (options.shrink === false) return played([judge], setup, options)
    const { seed, broken } = await judgedTogether(setup, options)
    if (broken.has(judge)) return played([judge], setup, { ...options, seed })
  }
}

interface Judged {
  readonly seed: number
  readonly broken: ReadonlySet<Judge>
}

const judged = new WeakMap<Setup, { readonly options: RunOptions; readonly judged: Promise<Judged> }>()

/** Which judges find something in the conversations that `options` ask for. Played once for one `options`. */
function judgedTogether(setup: Setup, options: RunOptions): Promise<Judged> {
  const known = judged.get(setup)
  if (known?.options === options) return known.judged
  const seed = options.seed ?? fc.readConfigureGlobal().seed ?? Math.trunc(Math.random() * 2 ** 31)
  const broken = new Set<Judge>()
  const noting = judges.map(
    (judge): Judge =>
      (trace, stage) => {
        try {
          if (!broken.has(judge)) judge(trace, stage)
        } catch {
          broken.add(judge)
        }
      },
  )
  const judging = played(noting, setup, { ...options, seed }).then(() => ({ seed, broken }))
  judged.set(setup, { options, judged: judging })
  return judging
}

/** Scripts, and where the bench can hold what travels races besides: so many for each script. */
const RACES = 0.3

async function played(judges: readonly Judge[], setup: Setup, options: RunOptions): Promise<void> {
  const judged = async (trace: Trace, stage: Stage) => {
    for (const judge of judges) judge(trace, stage)
  }
  // On a real clock a run takes seconds: a handful of steps.
  const script = scripts((options.runs ?? defaultRuns()) < 20 ? 8 : 30)
  await onFresh<readonly Step[]>(script, async (stage, steps) => judged(await play(stage, steps), stage))(
    setup,
    options,
  )
  const bench = await setup()
  await bench.close()
  if (!bench.hold || !bench.clock) return
  await onFresh(lineRaces, async (stage, raced) => judged(await race(stage, raced), stage), RACES)(setup, options)
}

/** How often a property is tried where nobody says. */
export const defaultRuns = (): number => (environment('MIDSENTENCE_TIER') === 'long' ? 10_000 : 1000)

const environment = (name: string): string | undefined =>
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[name]
