import type { Supports } from '@midsentence/core'
import fc from 'fast-check'
import type { RuleId } from '../kit/rules.ts'
import { defaultRuns, type RunOptions } from '../kit/run-options.ts'
import { TransportScenario } from './scenario.ts'
import type { TransportOffers, TransportSetup } from './transport-harness.ts'

/** `faults` is the harness's member of that name. */
export type TransportNeed = keyof Supports | keyof TransportOffers | 'faults'

const lacking: Readonly<Record<keyof TransportOffers | 'faults', string>> = {
  faults: 'The harness cannot cut a connection.',
  durability: 'The harness does not say how durable messages are.',
  annotating: 'The harness has no annotating room.',
  guarded: 'The harness has no guarded room.',
  observable: 'The harness has no observable room.',
  recorded: 'The harness has no recorded room.',
  historic: 'The harness has no room that shows its history.',
  forgetting: 'The harness has no room that forgets messages.',
  remove: 'The harness cannot remove a participant.',
}

/** Returns why a rule with these needs does not apply; undefined if it does. */
export async function reasonToSkip(setup: TransportSetup, needs: TransportRule['needs']): Promise<string | undefined> {
  if (needs.length === 0) return undefined
  const harness = await setup()
  try {
    const { faults, offers = {} } = harness
    const peer = harness.peer()
    const has = { faults, ...offers }
    for (const need of needs) {
      if (need in peer.supports) {
        const support = peer.supports[need as keyof Supports]
        if (support !== true) return support?.no ?? `It does not support ${need}.`
      } else if (has[need as keyof typeof has] === undefined) return lacking[need as keyof typeof lacking]
    }
    // A transport whose close hangs must not hang the kit: its own rule finds that.
    peer.close().catch(() => {})
    return undefined
  } finally {
    await harness.close()
  }
}

/** A rule of a transport as a function: rejects if the transport breaks it. */
export interface TransportRule {
  readonly id: RuleId
  /** What the transport must support, and its harness must offer, for the rule to apply. */
  readonly needs: readonly TransportNeed[]
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
