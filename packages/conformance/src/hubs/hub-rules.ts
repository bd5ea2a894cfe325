import type { RuleId } from '../kit/rules.ts'
import type { RunOptions } from '../kit/run-options.ts'
import { SharedRun } from '../kit/shared-run.ts'
import type { HubHarness } from './hub-harness.ts'
import { modelCases } from './model-cases.ts'

/** A rule of a hub as a function: rejects if the hub breaks it, with the shortest sequence of calls that shows it. */
export interface HubRule {
  readonly id: RuleId
  /** What the harness must support for the rule to apply. */
  readonly needs: readonly 'logs'[]
  run(harness: HubHarness, options?: RunOptions): Promise<void>
}

const calls = new SharedRun(modelCases(false))
const restarts = new SharedRun(modelCases(true), 0.5)

/** The rules whose violations the model tells apart. */
const ids: readonly RuleId[] = [
  'D1',
  'D3',
  'D4',
  'D5',
  'S1',
  'P1',
  'P2',
  'P5',
  'H1',
  'H2',
  'H3',
  'F1',
  'F2',
  'F4',
  'L1',
  'L2',
  'L5',
  'C1',
  'C2',
  'R1',
  'R2',
  'R3',
  'R4',
  'A2',
  'A5',
  'W2',
  'W3',
  'V2',
]

/** Every rule of a hub, as functions. `testHub` runs them. */
export const hubRules: readonly HubRule[] = [
  ...ids.map(
    (id): HubRule => ({
      id,
      needs: [],
      run: (harness, options = {}) => calls.check([id], harness, options),
    }),
  ),
  { id: 'G1', needs: ['logs'], run: (harness, options = {}) => restarts.check('any', harness, options) },
]
