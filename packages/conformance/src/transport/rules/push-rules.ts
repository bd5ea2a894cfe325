import { isMidsentenceError, rpcNumbers, segmentsOf, type Verdict } from '@midsentence/core'
import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import { texts } from '../../kit/texts.ts'
import { conversations } from '../conversations.ts'
import type { OpenTransport, TransportScenario } from '../scenario.ts'
import { onFresh, type TransportRule, transportRule } from '../transport-rule.ts'

const pieces = fc.array(texts({ maxLength: 60 }), { minLength: 1, maxLength: 4 })

async function sendsThePreview(scenario: TransportScenario, parts: readonly string[]): Promise<void> {
  const [ada, ben] = [await scenario.join('Ada'), await scenario.join('Ben')]
  for (const part of ['So: ', ...parts, 'not this']) await ada.append(part)
  await ada.undo()
  const { draft } = await ada.preview()
  const answer = await scenario.within(ada.push(), 'push')
  must(answer.status === 1, 'a push with nothing unseen was not sent', answer)
  await scenario.readAll()
  same(ben.contents, [draft], 'a push did not send exactly what preview showed')
  same((await ada.preview()).draft, '', 'a draft is not empty after it was pushed')
}

async function emptySendsNothing(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.join('Ada'), await scenario.join('Ben')]
  const code = async (what: string) => {
    const error = await scenario.failure(ada.push(), what)
    must(isMidsentenceError(error) && rpcNumbers[error.code] === 40001, `${what} did not end with 40001`, String(error))
  }
  await code('a push without a draft')
  await ada.append('taken back')
  await ada.undo()
  await code('a push of an undone draft')
  await scenario.readAll()
  same(ben.contents, [], 'an empty push sent something')
}

async function notSentChangesNothing(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.join('Ada'), await scenario.join('Ben')]
  const { faults } = scenario.harness
  await ada.append('mine')
  await ada.append(' and more')
  await scenario.send(ben, 'yours')
  await scenario.settle()
  const before = segmentsOf(ada.participant.view.draft)
  const held = await scenario.within(ada.push(), 'push')
  must(held.status === 0, 'a push was sent across a message that had arrived but was not read', held)
  same(segmentsOf(ada.participant.view.draft), before, 'a held push changed the draft')
  if (!faults) return

  faults.cut(ada.peer)
  const push = ada.push().catch(error => error)
  const outcome = await scenario.within(push, 'a push over a lost connection')
  same(segmentsOf(ada.participant.view.draft), before, 'a failed push changed the draft')
  faults.heal(ada.peer)
  await scenario.readAll()
  must(isMidsentenceError(outcome), 'a push over a lost connection did not fail', outcome)
  const arrived = ben.contents.length > 0
  must(
    !arrived || outcome.data.unknown === true,
    'a push arrived although its error says that it was not sent',
    ben.contents,
  )
}

const publish = (
  scenario: TransportScenario,
  client: OpenTransport,
  content: string,
  base: number,
  key: string,
  isRetry = false,
): Promise<Verdict> => scenario.within(client.peer.publish({ content, base, key, isRetry }), 'publish')

async function oneKeyOneEffect(scenario: TransportScenario): Promise<void> {
  const ben = await scenario.join('Ben')
  const ada = await scenario.open('Ada')
  const { cursor } = ada.opened
  const first = await publish(scenario, ada, 'once', cursor, 'key 1')
  must(first.sent, 'a publish with nothing unseen was not sent', first)
  same(await publish(scenario, ada, 'once', cursor, 'key 1', true), first, 'a repeated key got another answer')
  await scenario.readAll()
  same(ben.contents, ['once'], 'one key did not have exactly one effect')
  await scenario.settle()
  const lost = ada.peer.publish({ content: 'through a cut', base: first.seq, key: 'key 2', isRetry: false })
  scenario.harness.faults?.cut(ada.peer)
  const [outcome] = await scenario.within(Promise.allSettled([lost]), 'a publish during a cut')
  scenario.harness.faults?.heal(ada.peer)
  await scenario.settle()
  const known = await publish(scenario, ada, 'through a cut', first.seq, 'key 2', true)
  if (outcome?.status === 'fulfilled') same(known, outcome.value, 'a repeated key got another answer')
  same(
    await publish(scenario, ada, 'through a cut', first.seq, 'key 2', true),
    known,
    'a repeated key got another answer',
  )
  await scenario.readAll()
  same(ben.contents, ['once', 'through a cut'], 'one key did not have exactly one effect')
}

async function heldWhenUnseen(scenario: TransportScenario): Promise<void> {
  const [ada, ben] = [await scenario.join('Ada'), await scenario.join('Ben')]
  const cleo = await scenario.open('Cleo')
  // At once: one is sent first, the other is held and receives the first.
  await ada.append('at once')
  await ben.append('at the same time')
  const both = await scenario.within(Promise.all([ada.push(), ben.push()]), 'two pushes at once')
  same(both.map(answer => answer.status).toSorted(), [0, 1], 'not exactly one of two simultaneous pushes was sent')
  for (const answer of both)
    must(
      answer.status === 1 || answer.messages.length === 1,
      'a hold did not return the message that it is held for',
      answer,
    )
  const late = both[0].status === 0 ? ada : ben
  const again = await scenario.within(late.push(), 'push')
  must(again.status === 1, 'a push was held although no newer message had come', again)

  // What has arrived is not read yet: the cursor at the call counts.
  await scenario.readAll()
  await ada.append('mine')
  await scenario.send(ben, 'yours')
  await scenario.settle()
  const held = await scenario.within(ada.push(), 'push')
  must(held.status === 0, 'a push was sent across a message that its author had not received', held)
  same(
    held.messages.map(message => message.content),
    ['yours'],
    'a hold did not return the message that it is held for',
  )
  must((await scenario.within(ada.push(), 'push')).status === 1, 'a push was held although no newer message had come')

  // Without a participant: an old base is held, a base above the head is rejected.
  const stale = await publish(scenario, cleo, 'stale', cleo.opened.cursor, 'stale')
  must(!stale.sent, 'a publish was sent across messages above its base', stale)
  await scenario.settle()
  const head = cleo.messages().at(-1)?.seq ?? cleo.opened.cursor
  const future = await scenario.failure(
    cleo.peer.publish({ content: 'from then', base: head + 5, key: 'then', isRetry: false }),
    'a publish with a base above the head',
  )
  must(
    isMidsentenceError(future) && future.code === 'invalid-params',
    'a base above the head was accepted',
    String(future),
  )
  must((await publish(scenario, cleo, 'fresh', head, 'fresh')).sent, 'a publish with nothing unseen was held')
}

export const pushRules: readonly TransportRule[] = [
  transportRule('P1', [], undefined, onFresh(pieces, sendsThePreview, 0.2)),
  transportRule('P2', [], emptySendsNothing),
  transportRule('P3', [], notSentChangesNothing),
  transportRule('P4', ['keys', 'ids'], oneKeyOneEffect),
  transportRule('H1', ['conditional', 'ids'], heldWhenUnseen, conversations('H1')),
]
