import { must, same } from '../../kit/assertions.ts'
import type { TransportScenario } from '../scenario.ts'
import { type TransportRule, transportRule } from '../transport-rule.ts'

/** Longer than an unused session keeps its name. */
const AWAY_MS = 110_000
/** Shorter than the time after which a silent connection counts as lost. */
const STEP_MS = 10_000
/** How often the harness settles before a connection must be up again. */
const MAX_SETTLES = 40

/** After a cut of 110 s the same session goes on. Tried on a virtual clock only. */
async function outlivesALongCut(scenario: TransportScenario): Promise<void> {
  const { clock, faults, pass } = scenario.harness
  if (!clock || !faults || !pass) return
  const [ada, ben] = [await scenario.join('Ada'), await scenario.join('Ben')]
  const { name } = ada
  await scenario.within(ada.append('mid-sentence'), 'append')
  faults.cut(ada.peer)
  for (const until = clock.monotonic() + AWAY_MS; clock.monotonic() < until; ) {
    await scenario.settle()
    await pass(STEP_MS)
  }
  await scenario.send(ben, 'while you were away')
  faults.heal(ada.peer)
  const isUp = () => ada.participant.view.link.state === 'up'
  for (let tried = 0; tried < MAX_SETTLES && !isUp(); tried++) await scenario.settle()
  must(isUp(), 'link$ does not emit up after a cut of 110 s', ada.participant.view.link)

  const held = await scenario.within(ada.push(), 'push')
  must(held.status === 0 && held.held === true, 'a push after a cut of 110 s crossed what was said meanwhile', held)
  same(ada.contents, ['while you were away'], 'what was said during a cut of 110 s was not delivered once')
  must(held.rejoined === undefined && held.missed === undefined, 'a cut of 110 s ended the session', held)
  const sent = await scenario.within(ada.push(), 'push')
  must(sent.status === 1, 'a push that has read everything was held', sent)
  await scenario.catchUp(ben)
  const received = ben.received.map(({ sender_id, content }) => [sender_id, content])
  same(received, [[name, 'mid-sentence']], 'a draft was not sent whole, under the same name, after a cut of 110 s')
}

export const absenceRules: readonly TransportRule[] = [
  transportRule('A3', ['resume', 'ids', 'conditional'], outlivesALongCut),
]
