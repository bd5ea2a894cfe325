import type { Message } from '@midsentence/core'
import { must, same } from '../kit/assertions.ts'
import { conversations } from './conversations.ts'
import type { TransportScenario } from './scenario.ts'
import { type TransportRule, transportRule } from './transport-rule.ts'

const contents = (messages: readonly Message[]) => messages.map(message => message.content)

async function resumesAfterAGap(scenario: TransportScenario): Promise<void> {
  const ben = await scenario.join('Ben')
  const ada = await scenario.open('Ada')
  const { cursor } = ada.opened
  for (const text of ['one', 'two', 'three']) await scenario.send(ben, text)
  await scenario.settle()
  same(contents(ada.messages()), ['one', 'two', 'three'], 'messages did not arrive')
  ada.inbound.length = 0
  ada.peer.resume(cursor + 1)
  await scenario.settle()
  same(contents(ada.messages()), ['two', 'three'], 'resume did not deliver all messages after its cursor again')
  ada.inbound.length = 0
  scenario.harness.faults?.cut(ada.peer)
  await scenario.send(ben, 'meanwhile')
  scenario.harness.faults?.heal(ada.peer)
  await scenario.settle()
  must(
    contents(ada.messages()).includes('meanwhile'),
    'a message sent during a cut did not arrive after it',
    ada.inbound,
  )
}

async function receivesOthers(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.join('Ada'), await scenario.join('Ben')]
  const cleo = await scenario.open('Cleo')
  await scenario.send(ada, 'I am Ada')
  await scenario.send(ben, 'and I am Ben')
  await scenario.send(ada, 'hello Ben')
  await scenario.readAll()
  same(ada.contents, ['and I am Ben'], 'a participant did not receive exactly the messages of others')
  same(ben.contents, ['I am Ada', 'hello Ben'], 'a participant did not receive exactly the messages of others')
  const base = cleo.messages().at(-1)?.seq ?? cleo.opened.cursor
  const publish = cleo.peer.publish({ content: 'me too', base, key: crypto.randomUUID(), isRetry: false })
  const verdict = await scenario.within(publish, 'publish')
  must(verdict.sent, 'a publish with nothing unseen was held', verdict)
  await scenario.settle()
  const own = cleo.messages().filter(message => message.content === 'me too')
  const echoed = cleo.peer.supports.echo === true
  same(
    own.map(message => message.seq),
    echoed ? [verdict.seq] : [],
    'own messages are delivered although supports.echo says no, or the reverse',
  )
}

export const deliveryRules: readonly TransportRule[] = [
  transportRule('L1', [], undefined, conversations('L1')),
  transportRule('L2', [], undefined, conversations('L2')),
  transportRule('L3', ['resume', 'ids'], resumesAfterAGap),
  transportRule('L4', [], receivesOthers),
]
