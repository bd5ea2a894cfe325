import type { ScoreRecord } from '@midsentence/core'
import { must, same } from '../../kit/assertions.ts'
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

async function recordsBeforeItSends(scenario: TransportScenario): Promise<void> {
  const { room, watch } = scenario.harness.offers!.recorded!
  const records: ScoreRecord[] = []
  const end = await watch(batch => records.push(...batch))
  const ada = await scenario.open('Ada', { room })
  const texts = ['one ', 'two ', 'three']
  const base = ada.opened.cursor
  for (const [nth, text] of texts.entries()) ada.peer.showDraft?.([{ type: 'appended', text, base }], nth + 1)
  const request = { content: texts.join(''), base, key: crypto.randomUUID(), isRetry: false }
  const { sent } = await scenario.within(ada.peer.publish(request), 'publish')
  must(sent, 'a publish with nothing unseen was not sent')
  await scenario.within(ada.peer.close(), 'close')
  const has = (type: ScoreRecord['type']) => records.some(record => record.type === type)
  await scenario.until(() => has('left'), 'a leave was not recorded')
  const found = records.flatMap(({ type }) => (/^(appended|message|pushed|left)$/.test(type) ? type : []))
  same(
    found,
    ['appended', 'appended', 'appended', 'message', 'pushed', 'left'],
    'a draft was not recorded before its message, or not as pushed',
  )
  end()
}

/** Rules of recorded rooms. */
export const recordedRules: readonly TransportRule[] = [
  transportRule('I1', ['recorded'], saysRecorded),
  transportRule('I3', ['recorded'], recordsBeforeItSends),
  transportRule('I5', ['recorded'], tellsWatchers),
]
