import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import { texts } from '../../kit/texts.ts'
import { Caller, within } from '../caller.ts'
import { type Scene, type ServerRule, serverProperty, serverRule } from '../server-rule.ts'
import { holdFloor } from './floor-rules.ts'

const contentsOf = async (caller: Caller): Promise<readonly string[]> =>
  (await caller.call('check', { timeout_ms: 0 })).messages.map(({ content }) => content)

async function sendsThePreview({ join }: Scene, parts: readonly string[]): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  for (const text of ['So: ', ...parts, 'not this']) await ada.call('append', { text })
  await ada.call('undo')
  const { draft } = await ada.call('preview')
  const { status, seq } = await ada.call('push')
  must(status === 1, 'a push with nothing unseen was not sent')
  const { messages } = await ben.call('check', { timeout_ms: 0 })
  same(
    messages.map(({ content, seq, sender_id }) => [content, seq, sender_id]),
    [[draft, seq, ada.entrance.sender_id]],
    'a push did not send exactly what preview showed, as one message',
  )
  same((await ada.call('preview')).draft, '', 'a draft is not empty after its push')
}

async function emptySendsNothing({ join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  same((await ada.refusal('push')).code, 40001, 'a push without a draft was not refused with 40001')
  await ada.call('append', { text: 'taken back' })
  await ada.call('undo')
  same((await ada.refusal('push')).code, 40001, 'a push of what was taken back was not refused with 40001')
  const nothing = { content: '', base: ada.entrance.cursor, key: 'empty' }
  same((await ada.refusal('publish', nothing)).code, 40001, 'an empty message was not refused with 40001')
  same(await contentsOf(ben), [], 'an empty push sent something')
}

async function notSentChangesNothing({ join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  for (const text of ['mine', ' and more']) await ada.call('append', { text })
  const look = async () => {
    const { draft, segments, length } = await ada.call('preview', { after: ada.entrance.cursor })
    return { draft, segments, length }
  }
  const before = await look()
  const deep = { a: { b: { c: { d: {} } } } }
  for (const params of [{ meta: deep }, { meta: { x: 'x'.repeat(3000) } }, { meta: 7 }, { timeout_ms: 'soon' }]) {
    same((await ada.refusal('push', params)).code, -32602, 'parameters that mean nothing were taken for some')
    same(await look(), before, 'a push that was refused changed the draft')
  }
  await ben.say('first')
  const held = await ada.call('push', { after: ada.entrance.cursor })
  must(held.held === true && held.status === 0, 'a push over an unseen message was not held', held)
  same([held.suffix, held.segments], ['mine and more', 2], 'a held push told of another draft')
  same(await look(), before, 'a held push changed the draft, or what its author knew when it wrote it')
  same(await contentsOf(ben), [], 'a push that was not sent arrived')
}

async function oneKeyOneEffect({ join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const base = ada.entrance.cursor
  const once = { content: 'once', base, key: 'k' }
  const answers = await Promise.all([ada.call('publish', once), ada.call('publish', once), ada.call('publish', once)])
  for (const answer of [...answers, await ada.call('publish', once)])
    same(answer, answers[0], 'a repeated key got another answer')
  must(answers[0].status === 1, 'a message with nothing unseen before it was not sent', answers[0])
  await ada.call('append', { text: 'kept' })
  const again = await ada.call('publish', { ...once, base: answers[0].seq! })
  same(again.seq, answers[0].seq, 'a key was forgotten with another base')
  same(await contentsOf(ben), ['once'], 'one key had not one effect')
  same((await ada.call('preview')).draft, 'kept', 'a message from a draft kept elsewhere emptied the one kept here')
}

async function inCallOrder(scene: Scene): Promise<void> {
  const { bench, join } = scene
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
  await bench.settle()
  const append = noted('append', cy.begin('append', { text: 'two' }))
  await bench.settle()
  same(ended, [], 'a push did not wait for the floor, or what was called behind it did not wait for its verdict')
  await ada.call('yield')
  const sent = await within(bench, push, 'a push whose floor ended')
  must(sent.status === 1, 'a push with nothing unseen was not sent once the floor was free', sent)
  same(
    (await within(bench, append, 'what was called behind a push')).suffix,
    'two',
    'an append was part of the push before it',
  )
  const { messages } = await ben.call('check', { timeout_ms: 0 })
  same(messages.at(-1)?.content, 'one', 'what was called behind a push changed what it sent')
}

const inAnnotating = ({ bench }: Scene, name: string): Promise<Caller> =>
  Caller.join(bench, name, { room: bench.annotating })

async function annotated(scene: Scene): Promise<void> {
  const [ada, ben] = [await inAnnotating(scene, 'Ada'), await inAnnotating(scene, 'Ben')]
  same(ada.entrance.policy, 'annotate', 'a room that annotates does not say so')
  for (let round = 0; round < 5; round++) {
    await ben.call('append', { text: `unseen ${round}` })
    must((await ben.call('push')).status === 1, 'a push was held in a room that annotates')
    await ada.call('append', { text: 'mine' })
    const behind = { after: ada.entrance.cursor }
    must((await ada.call('push', behind)).status === 1, 'a push was held in a room that annotates')
  }
  same((await ada.call('who')).floor, undefined, 'a room that annotates gave somebody the floor')
}

async function namesWhatItCrossed(scene: Scene): Promise<void> {
  const [ada, ben] = [await inAnnotating(scene, 'Ada'), await inAnnotating(scene, 'Ben')]
  const base = ada.entrance.cursor
  const first = await ada.call('publish', { content: 'alone', base, key: 'alone' })
  must(first.crossed === undefined && first.crossed_more === undefined, 'a message crossed what was not there', first)
  const seqs: number[] = []
  for (let said = 0; said < 103; said++) {
    const { seq } = await ben.call('publish', { content: `${said}`, base: first.seq! - 1, key: `${said}` })
    seqs.push(seq!)
  }
  // Ben's own messages are nothing that Ben crossed.
  const own = await ben.call('publish', { content: 'again', base: first.seq! - 1, key: 'again' })
  same(own.crossed, [first.seq], 'a message named its author’s own as crossed, or not what it crossed')
  const sent = await ada.call('publish', { content: 'late', base, key: 'late' })
  const all = [...seqs, own.seq!]
  same([sent.crossed, sent.crossed_more], [all.slice(-100), all.length - 100], 'a message did not name what it crossed')
  let last = (await ben.call('check', { timeout_ms: 0 })).messages.at(-1)
  for (let more = 0; more < 3 && last?.content !== 'late'; more++)
    last = (await ben.call('check', { timeout_ms: 0 })).messages.at(-1) ?? last
  same(
    [last?.content, last?.base, last?.crossed],
    ['late', base, sent.crossed],
    'what a message crossed is told to its author alone',
  )
}

const pieces = fc.array(texts({ maxLength: 30 }), { minLength: 1, maxLength: 4 })

/** What a push sends, and what it does not. */
export const sendingRules: readonly ServerRule[] = [
  serverProperty('P1', pieces, sendsThePreview, 0.5),
  serverRule('P2', [], emptySendsNothing),
  serverRule('P3', [], notSentChangesNothing),
  serverRule('P4', [], oneKeyOneEffect),
  serverRule('P5', [], inCallOrder),
  serverRule('H2', ['annotating'], annotated),
  serverRule('H3', ['annotating'], namesWhatItCrossed),
]
