import type { Message } from '@midsentence/core'
import { must, same } from '../../kit/assertions.ts'
import { conversations } from '../conversations.ts'
import type { TransportScenario } from '../scenario.ts'
import { type TransportRule, transportRule } from '../transport-rule.ts'

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

async function tellsWhoWrites(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.join('Ada'), await scenario.join('Ben')]
  const writers = () => [...ben.participant.view.writing]
  await scenario.within(ada.append('Hel'), 'append')
  await scenario.until(() => writers().includes(ada.name), 'a participant does not learn that another one writes')
  same(writers(), [ada.name], 'a participant learns that others write who do not')
  same([...ada.participant.view.writing], [], 'a participant learns that it writes itself')
  same(ben.participant.view.unseen, 0, 'a participant that writes is delivered as a message')
  await scenario.within(ada.reset(), 'reset')
  await scenario.until(() => writers().length === 0, 'a participant does not learn of the end by a reset')
  await scenario.within(ada.append('Hello'), 'append')
  await scenario.until(() => writers().includes(ada.name), 'a participant does not learn that another one writes again')
  await scenario.within(ben.append('one'), 'append')
  same((await scenario.within(ben.push(), 'push')).status, 1, 'a participant that writes held the push of another')
  await scenario.send(ada, ' Ben')
  await scenario.until(() => writers().length === 0, 'a participant does not learn of the end by a message')
}

async function hidesWhoWrites(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.join('Ada'), await scenario.open('Ben', { typing_indicator: false })]
  const cleo = await scenario.open('Cleo')
  const writers = () => [...ada.participant.view.writing]
  /** Repeats the signals: they may be lost. */
  const told = () => {
    for (const { peer } of [ben, cleo]) peer.showWriting?.(true)
    return writers().length > 0
  }
  await scenario.until(told, 'a participant does not learn that another one writes')
  await scenario.settle()
  await scenario.until(told, 'a participant does not learn that another one still writes')
  same(writers(), [cleo.opened.session.sender_id], 'a participant learns who writes although that was turned off')
}

export const deliveryRules: readonly TransportRule[] = [
  transportRule('L1', [], undefined, conversations('L1')),
  transportRule('L2', [], undefined, conversations('L2')),
  transportRule('L3', ['resume', 'ids'], resumesAfterAGap),
  transportRule('L4', [], receivesOthers),
  transportRule('L10', ['writing'], tellsWhoWrites),
  transportRule('L10', ['writing'], hidesWhoWrites),
]
