import { append, type Draft, type DraftChange, emptyDraft, reset, textOf, undo } from '@midsentence/core'
import fc from 'fast-check'
import { weighted } from '../../kit/actions.ts'
import { must, same } from '../../kit/assertions.ts'
import { texts } from '../../kit/texts.ts'
import { type Caller, type RpcAnswer, within } from '../caller.ts'
import type { ServerHarness } from '../server-harness.ts'
import { type ServerRule, type ServerScenario, serverProperty, serverRule } from '../server-rule.ts'
import { newsCalls } from './field-rules.ts'

interface Move<Type> {
  readonly type: Type
  /** Text of an append. */
  readonly text: string
}
type DraftMove = Move<'append' | 'undo' | 'reset' | 'preview' | 'push'>
type Talk = Move<'append' | 'push' | 'check'>

const moves: fc.Arbitrary<DraftMove> = fc.record({
  type: weighted({ append: 4, undo: 1, reset: 1, preview: 1, push: 1 }),
  text: texts({ maxLength: 12 }),
})
const talks: fc.Arbitrary<Talk> = fc.record({
  type: weighted({ append: 2, push: 2, check: 1 }),
  text: texts({ maxLength: 3 }),
})

/** Compares a hosted draft with the pure draft functions, call by call. */
async function hostsADraft({ join }: ServerScenario, script: readonly DraftMove[]): Promise<void> {
  const ada = await join('Ada')
  let draft: Draft = emptyDraft
  for (const move of script) {
    if (move.type === 'push') {
      const expected = textOf(draft)
      if (expected === '') same((await ada.refusal('push')).code, 40001, 'an empty draft was pushed')
      else must((await ada.call('push')).status === 1, 'a push with nothing unseen was not sent')
      draft = emptyDraft
      continue
    }
    const answer = await ada.call(move.type, move.type === 'append' ? { text: move.text } : {})
    if (move.type !== 'preview') {
      const { draft: next, events: _, ...told } = changeOf(draft, move)
      draft = next
      const { status, suffix, accepted, dropped } = answer
      same({ status, suffix, accepted, dropped }, told, `${move.type} has another answer than the draft functions`)
    }
    same((await ada.call('preview')).draft, textOf(draft), `the draft differs after ${move.type}`)
  }
}

function changeOf(draft: Draft, move: DraftMove): DraftChange {
  if (move.type === 'append') return append(draft, move.text)
  return move.type === 'undo' ? undo(draft) : reset(draft)
}

/** Checks that each message reaches all others once and in order, and that a push is held exactly if something is unseen. */
async function delivered({ join }: ServerScenario, script: readonly (readonly [number, Talk])[]): Promise<void> {
  const callers = [await join('Ada'), await join('Ben'), await join('Cy')]
  const said: { readonly by: Caller; readonly seq: number }[] = []
  const drafts = new Map<Caller, boolean>()
  for (const [who, move] of script) {
    const caller = callers[who]!
    const read = caller.received.at(-1)?.seq ?? caller.joinResult.cursor
    const unseen = said.filter(({ by, seq }) => by !== caller && seq > read).map(({ seq }) => seq)
    if (move.type === 'push') {
      if (!drafts.get(caller)) continue
      const push = await caller.call('push', { timeout_ms: 0 })
      // Only the holder is never kept waiting by a floor.
      if (push.status === 0)
        must(unseen.length > 0 || push.floor !== undefined, 'a push with nothing unseen was held', push)
      else same(unseen, [], 'a push was sent across an unseen message')
      if (push.status === 0) continue
      said.push({ by: caller, seq: push.seq! })
      drafts.set(caller, false)
    } else if (move.type === 'check') await caller.call('check', { timeout_ms: 0 })
    else {
      const { status } = await caller.call('append', { text: `${move.text}.` })
      if (status > 0) drafts.set(caller, true)
    }
  }
  for (const caller of callers) {
    for (let left = said.length + 1; left > 0; left--) {
      if ((await caller.call('check', { timeout_ms: 0 })).messages.length === 0) break
    }
    const seqs = said.filter(({ by }) => by !== caller).map(({ seq }) => seq)
    same(
      caller.received.map(({ seq }) => seq),
      seqs,
      'a caller received a message twice, never, or out of order',
    )
  }
}

/** A stream moves no cursor: only `after` says what its reader was shown. */
async function streamsMoveNoCursor({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Dan'), await join('Eve')]
  const stream = await harness.stream!({ room: harness.room, token: ada.token! })
  await ben.sendMessage('streamed')
  for (let tried = 0; tried < 200 && !stream.events.some(({ event }) => event === 'message'); tried++)
    await harness.settle()
  const { messages } = await ada.call('check', { timeout_ms: 0 })
  await stream.close()
  same(
    messages.map(({ content }) => content),
    ['streamed'],
    'a message on a stream moved the cursor',
  )
}

async function inPages(scenario: ServerScenario): Promise<void> {
  const { harness, join } = scenario
  if (harness.stream) await streamsMoveNoCursor(scenario)
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const { cursor } = ben.joinResult
  const calls = newsCalls(cursor)
  const callers = await Promise.all(calls.map(([method]) => join(method)))
  // Own messages never hold, so one base serves all.
  const said = Array.from({ length: 130 }, (_, nth) => ({ content: `${nth}`, base: cursor, key: `${nth}` }))
  for (let from = 0; from < said.length; from += 50) {
    const answers = await ben.batch(...said.slice(from, from + 50).map(params => ['publish', params] as const))
    const refused = answers.find(({ result }) => result?.status !== 1)
    must(refused === undefined, 'a publish with nothing unseen was not sent', refused)
  }
  const sizes: number[] = []
  for (let more = true; more && sizes.length < 10; ) {
    const answer = await ada.call('check', { timeout_ms: 0 })
    sizes.push(answer.messages.length)
    same(answer.cursor, answer.messages.at(-1)!.seq, 'the cursor moved past a message that was not returned')
    more = answer.more === true
  }
  same(
    [Math.max(...sizes), sizes.reduce((sum, size) => sum + size)],
    [100, 130],
    'a backlog was not returned in pages of at most 100',
  )
  for (const [at, [method, params]] of calls.entries()) {
    await callers[at]!.notify('append', { text: 'mine' })
    const { messages, more } = await callers[at]!.call(method, params)
    same([messages.length, more], [100, true], `${method} does not say that messages are left`)
  }
  await longLinesAlone(scenario)
}

/** Line breaks count as they are read, so that a message full of them leaves no other unread. */
async function longLinesAlone({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ann'), await join('Bob')]
  const { cursor } = ben.joinResult
  for (const [nth, content] of [`a${'\n'.repeat(4000)}z`, 'another'].entries())
    await ben.call('publish', { content, base: cursor, key: `long ${nth}` })
  const pages = [await ada.call('check', { timeout_ms: 0 }), await ada.call('check', { timeout_ms: 0 })]
  same(
    pages.map(({ messages, more, cursor }) => [messages.map(({ seq }) => seq), more === true, cursor]),
    [
      [[cursor + 1], true, cursor + 1],
      [[cursor + 2], false, cursor + 2],
    ],
    'a message of 4,000 line breaks and another one came in one answer',
  )
}

async function waits({ harness, join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const none = await ada.call('check', { timeout_ms: 0 })
  same([none.status, none.messages], [0, []], 'a check without messages did not answer with status 0')
  const [ended, second] = await twoChecks(harness, ada)
  same([ended.status, ended.messages], [0, []], 'an earlier check did not end with status 0 and no messages')
  await ada.call('append', { text: 'meanwhile' })
  await ben.sendMessage('for the second')
  const woken = await within(harness, second.waits, 'a check that a message wakes')
  same(
    [woken.status, woken.messages.map(({ content }) => content)],
    [1, ['for the second']],
    'a check did not return the message that wakes it',
  )
}

/**
 * Makes two checks. Resolves with the answer of the earlier, and with the later. Requests may overtake each other on their
 * way: then it tries again, with a longer pause between them.
 */
async function twoChecks(
  harness: ServerHarness,
  ada: Caller,
): Promise<[RpcAnswer, { readonly waits: Promise<RpcAnswer> }]> {
  for (let pause = 1; ; pause *= 4) {
    const earlier = ada.call('check', { timeout_ms: 20_000 })
    for (let settled = 0; settled < pause; settled++) await harness.settle()
    const later = ada.call('check', { timeout_ms: 20_000 })
    const endsFloor = [earlier, later].map(async (check, at) => ({ answer: await check, overtaken: at === 1 }))
    const { answer, overtaken } = await within(harness, Promise.race(endsFloor), 'an earlier check')
    if (!overtaken) return [answer, { waits: later }]
    must(pause < 1000, 'an earlier check ended a later one')
  }
}

/** Rules of hosted drafts and their readers. */
export const hostedRules: readonly ServerRule[] = [
  serverProperty('D1', fc.array(moves, { maxLength: 25 }), hostsADraft),
  serverProperty('H1', fc.array(fc.tuple(fc.nat({ max: 2 }), talks), { maxLength: 30, size: 'max' }), delivered),
  serverRule('L5', [], inPages),
  serverRule('C1', [], waits),
]
