import { same } from '../../kit/assertions.ts'
import type { OpenTransport, TransportScenario } from '../scenario.ts'
import { type TransportRule, transportRule } from '../transport-rule.ts'

async function saysRecorded(scenario: TransportScenario): Promise<void> {
  const { room } = scenario.harness.offers!.recorded!
  const [ada, ben] = [await scenario.open('Ada', { room }), await scenario.open('Ben')]
  same([ada.opened.recorded, ben.opened.recorded], [true, undefined], 'open does not say whether drafts are recorded')
}

async function tellsWatchers(scenario: TransportScenario): Promise<void> {
  const { room, watch } = scenario.harness.offers!.recorded!
  const told = ({ inbound }: OpenTransport) =>
    inbound.flatMap(item => (item.type === 'watchers' ? [item.watchers] : [])).at(-1)
  const ada = await scenario.open('Ada', { room })
  const end = await watch()
  await scenario.until(() => told(ada) === 1, 'a participant does not learn that the room is watched')
  const ben = await scenario.open('Ben', { room })
  await scenario.until(() => told(ben) === 1, 'a participant that came later does not learn that the room is watched')
  end()
  await scenario.until(() => told(ada) === 0, 'a participant does not learn that a watcher has gone')
}

/** Rules of recorded rooms. */
export const recordedRules: readonly TransportRule[] = [
  transportRule('I1', ['recorded'], saysRecorded),
  transportRule('I5', ['recorded'], tellsWatchers),
]
