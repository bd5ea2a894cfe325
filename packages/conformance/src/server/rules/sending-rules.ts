import type { Message } from '@midsentence/core'
import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import { texts } from '../../kit/texts.ts'
import { Caller, within } from '../caller.ts'
import { type ServerRule, type ServerScenario, serverProperty, serverRule } from '../server-rule.ts'
import { holdFloor } from './floor-rules.ts'

const contentsOf = async (caller: Caller): Promise<readonly string[]> =>
  (await caller.call('check', { timeout_ms: 0 })).messages.map(({ content }) => content)

async function sendsThePreview({ join }: ServerScenario, parts: readonly string[]): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  for (const text of ['So: ', ...parts, 'not this']) await ada.call('append', { text })
  await ada.call('undo')
  const { draft } = await ada.call('preview')
  const { status, seq } = await ada.call('push')
  must(status === 1, 'a push with nothing unseen was not sent')
  const { messages } = await ben.call('check', { timeout_ms: 0 })
  same(
    messages.map(({ content, seq, sender_id }) => [content, seq, sender_id]),
    [[draft, seq, ada.joinResult.sender_id]],
    'a push did not send exactly its preview as one message',
  )
  same((await ada.call('preview')).draft, '', 'a draft is not empty after it was pushed')
}

async function emptySendsNothing({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  same((await ada.refusal('push')).code, 40001, 'a push without a draft was not rejected with 40001')
  await ada.call('append', { text: 'taken back' })
  await ada.call('undo')
  same((await ada.refusal('push')).code, 40001, 'a push of an undone draft was not rejected with 40001')
  const nothing = { content: '', base: ada.joinResult.cursor, key: 'empty' }
  same((await ada.refusal('publish', nothing)).code, 40001, 'an empty message was not rejected with 40001')
  same(await contentsOf(ben), [], 'an empty push sent something')
}

async function notSentChangesNothing({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  for (const text of ['mine', ' and more']) await ada.call('append', { text })
  const look = async () => {
    const { draft, segments, length } = await ada.call('preview', { after: ada.joinResult.cursor })
    return { draft, segments, length }
  }
  const before = await look()
  const deep = { a: { b: { c: { d: {} } } } }
  for (const params of [{ meta: deep }, { meta: { x: 'x'.repeat(3000) } }, { meta: 7 }, { timeout_ms: 'soon' }]) {
    same((await ada.refusal('push', params)).code, -32602, 'invalid parameters were accepted')
    same(await look(), before, 'a rejected push changed the draft')
  }
  await ben.sendMessage('first')
  const held = await ada.call('push', { after: ada.joinResult.cursor })
  must(held.held === true && held.status === 0, 'a push across an unseen message was not held', held)
  same([held.suffix, held.segments], ['mine and more', 2], 'a held push described another draft')
  same(await look(), before, 'a held push changed the draft or the bases of its segments')
  same(await contentsOf(ben), [], 'a held push arrived')
}

async function oneKeyOneEffect({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const base = ada.joinResult.cursor
  const once = { content: 'once', base, key: 'k' }
  const answers = await Promise.all([ada.call('publish', once), ada.call('publish', once), ada.call('publish', once)])
  for (const answer of [...answers, await ada.call('publish', once)])
    same(answer, answers[0], 'a repeated key got another answer')
  must(answers[0].status === 1, 'a publish with nothing unseen was not sent', answers[0])
  await ada.call('append', { text: 'kept' })
  const again = await ada.call('publish', { ...once, base: answers[0].seq! })
  same(again.seq, answers[0].seq, 'a key was ignored because of another base')
  same(await contentsOf(ben), ['once'], 'one key did not have exactly one effect')
  same((await ada.call('preview')).draft, 'kept', 'a publish emptied the hosted draft')
}

async function inCallOrder(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  const [ada, ben, cy] = [await join('Ada'), await join('Ben'), await join('Cy')]
  await holdFloor(ada, ben)
  await cy.call('append', { text: 'one' })
  await cy.call('check', { timeout_ms: 0 })
  const ended: string[] = []
  const noted = <T>(what: string, promise: Promise<T>): Promise<T> => {
    promise.then(
      () => void ended.push(what),
      () => void ended.push(what),
    )
    return promise
  }
  const push = noted('push', cy.begin('push', { timeout_ms: 20_000 }))
  await harness.settle()
  const append = noted('append', cy.begin('append', { text: 'two' }))
  await harness.settle()
  same(ended, [], 'a push did not wait for the floor, or a later call did not wait for the push')
  await ada.call('yield')
  const sent = await within(harness, push, 'a push that waits for a floor')
  must(sent.status === 1, 'a waiting push with nothing unseen was not sent when the floor ended', sent)
  same(
    (await within(harness, append, 'a call after a push')).suffix,
    'two',
    'an append became part of the push before it',
  )
  const { messages } = await ben.call('check', { timeout_ms: 0 })
  same(messages.at(-1)?.content, 'one', 'a call after a push changed its content')
}

const inAnnotating = ({ harness }: ServerScenario, name: string): Promise<Caller> =>
  Caller.join(harness, name, { room: harness.annotating })

async function annotated(scenario: ServerScenario): Promise<void> {
  const [ada, ben] = [await inAnnotating(scenario, 'Ada'), await inAnnotating(scenario, 'Ben')]
  same(ada.joinResult.policy, 'annotate', 'join does not name the policy annotate')
  for (let round = 0; round < 5; round++) {
    await ben.call('append', { text: `unseen ${round}` })
    must((await ben.call('push')).status === 1, 'a push was held in an annotating room')
    await ada.call('append', { text: 'mine' })
    const cursor = { after: ada.joinResult.cursor }
    must((await ada.call('push', cursor)).status === 1, 'a push was held in an annotating room')
  }
  same((await ada.call('who')).floor, undefined, 'an annotating room granted the floor')
}

async function namesWhatItCrossed(scenario: ServerScenario): Promise<void> {
  const { harness } = scenario
  const [ada, ben] = [await inAnnotating(scenario, 'Ada'), await inAnnotating(scenario, 'Ben')]
  const cy = await inAnnotating(scenario, 'Cy')
  const stream = await harness.stream?.({ room: harness.annotating!, token: cy.token! })
  const base = ada.joinResult.cursor
  const first = await ada.call('publish', { content: 'alone', base, key: 'alone' })
  must(
    first.crossed === undefined && first.crossed_more === undefined,
    'a message with nothing unseen has `crossed`',
    first,
  )
  const seqs: number[] = []
  for (let said = 0; said < 103; said++) {
    const { seq } = await ben.call('publish', { content: `${said}`, base: first.seq! - 1, key: `${said}` })
    seqs.push(seq!)
  }
  // An author does not cross its own messages.
  const own = await ben.call('publish', { content: 'again', base: first.seq! - 1, key: 'again' })
  same(own.crossed, [first.seq], '`crossed` contains messages of its author, or lacks one of another')
  const sent = await ada.call('publish', { content: 'late', base, key: 'late' })
  const all = [...seqs, own.seq!]
  same(
    [sent.crossed, sent.crossed_more],
    [all.slice(-100), all.length - 100],
    '`crossed` and `crossed_more` do not match the crossed messages',
  )
  let last = (await ben.call('check', { timeout_ms: 0 })).messages.at(-1)
  for (let more = 0; more < 3 && last?.content !== 'late'; more++)
    last = (await ben.call('check', { timeout_ms: 0 })).messages.at(-1) ?? last
  same(
    [last?.content, last?.base, last?.crossed, last?.crossed_more],
    ['late', base, sent.crossed, sent.crossed_more],
    'readers do not receive `base` and `crossed`',
  )
  await cy.call('append', { text: 'pushed' })
  const pushed = await cy.call('push', { after: cy.joinResult.cursor })
  const others = [first.seq!, ...all, sent.seq!]
  same(
    [pushed.crossed, pushed.crossed_more],
    [others.slice(-100), others.length - 100],
    '`crossed` and `crossed_more` of a push do not match the crossed messages',
  )
  if (!stream) return
  const newest = () => stream.events.filter(({ event }) => event === 'message').at(-1)
  for (let tried = 0; tried < 200 && newest()?.id !== `${pushed.seq}`; tried++) await harness.settle()
  await stream.close()
  const { crossed, crossed_more } = JSON.parse(newest()?.data ?? '{}') as Message
  same([crossed, crossed_more], [pushed.crossed, pushed.crossed_more], 'a stream does not bring `crossed`')
}

const pieces = fc.array(texts({ maxLength: 30 }), { minLength: 1, maxLength: 4 })

/** Rules of pushing and publishing. */
export const sendingRules: readonly ServerRule[] = [
  serverProperty('P1', pieces, sendsThePreview, 0.5),
  serverRule('P2', [], emptySendsNothing),
  serverRule('P3', [], notSentChangesNothing),
  serverRule('P4', [], oneKeyOneEffect),
  serverRule('P5', [], inCallOrder),
  serverRule('H2', ['annotating'], annotated),
  serverRule('H3', ['annotating'], namesWhatItCrossed),
]
