import { BrokenRule } from '../kit/broken-rule.ts'
import type { RuleId } from '../kit/rules.ts'
import { defaultRuns, type RunOptions } from '../kit/run-options.ts'
import { SharedRun } from '../kit/shared-run.ts'
import { connectionRaces, playRace } from './connection-race.ts'
import { deliveredOnce, holdsAreJust, oneOrder } from './conversation-checks.ts'
import { TransportScenario } from './scenario.ts'
import { type ConversationTrace, playScript, scripts } from './script.ts'
import type { TransportSetup } from './transport-harness.ts'

type ConversationCheck = (trace: ConversationTrace, scenario: TransportScenario) => void

/** The rules that are checked on every random conversation. */
const checks: readonly (readonly [RuleId, ConversationCheck])[] = [
  ['L1', deliveredOnce],
  ['L2', oneOrder],
  ['H1', holdsAreJust],
]

/** Plays one conversation with a new harness, and reports each rule that it breaks. */
const checked =
  <Case>(playScript: (scenario: TransportScenario, value: Case) => Promise<ConversationTrace>) =>
  (setup: TransportSetup, value: Case, report: (broken: BrokenRule) => void): Promise<void> =>
    TransportScenario.run(setup, async scenario => {
      const trace = await playScript(scenario, value)
      for (const [id, check] of checks) {
        try {
          check(trace, scenario)
        } catch (error) {
          report(new BrokenRule(id, (error as Error).message))
        }
      }
    })

const scripted = new SharedRun({
  // On a real clock a run takes seconds, so that few runs mean short scripts.
  cases: ({ runs = defaultRuns() }) => scripts(runs < 20 ? 8 : 30),
  play: checked(playScript),
})
const raced = new SharedRun({ cases: () => connectionRaces, play: checked(playRace) }, 0.3)

/** Holds random conversations against the rule `id`: scripts, and races if the harness can delay what travels. */
export const conversations =
  (id: RuleId) =>
  async (setup: TransportSetup, options: RunOptions): Promise<void> => {
    await scripted.check([id], setup, options)
    const harness = await setup()
    await harness.close()
    if (harness.delay && harness.clock) await raced.check([id], setup, options)
  }
