import { append, type Draft, type DraftChange, emptyDraft, reset, textOf, undo } from '@midsentence/core'
import fc from 'fast-check'
import { must, same } from '../../kit/assertions.ts'
import { texts } from '../../kit/texts.ts'
import { type Answer, type Caller, within } from '../caller.ts'
import type { ServerHarness } from '../server-harness.ts'
import { type Scene, type ServerRule, serverProperty, serverRule } from '../server-rule.ts'

type Move =
  | { readonly type: 'append'; readonly text: string }
  | { readonly type: 'undo' | 'reset' | 'preview' | 'push' | 'check' }

const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: texts({ maxLength: 12 }).map((text): Move => ({ type: 'append', text })) },
  {
    weight: 5,
    arbitrary: fc.constantFrom<Move[]>({ type: 'undo' }, { type: 'preview' }, { type: 'push' }, { type: 'check' }),
  },
  { weight: 1, arbitrary: fc.constant<Move>({ type: 'reset' }) },
)

const talks = fc.oneof(
  { weight: 2, arbitrary: texts({ maxLength: 3 }).map((text): Move => ({ type: 'append', text })) },
  { weight: 3, arbitrary: fc.constantFrom<Move[]>({ type: 'push' }, { type: 'push' }, { type: 'check' }) },
)

/** A hosted draft does what the draft does, call by call. */
async function aDraft({ join }: Scene, script: readonly Move[]): Promise<void> {
  const ada = await join('Ada')
  let draft: Draft = emptyDraft
  for (const move of script) {
    if (move.type === 'check') continue
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
      same({ status, suffix, accepted, dropped }, told, `${move.type} answered otherwise`)
    }
    same((await ada.call('preview')).draft, textOf(draft), `after ${move.type} the draft is another`)
  }
}

function changeOf(draft: Draft, move: Move): DraftChange {
  if (move.type === 'append') return append(draft, move.text)
  return move.type === 'undo' ? undo(draft) : reset(draft)
}

/** Everybody's messages to everybody else, once and in one order; a push is held exactly when something was unseen. */
async function delivered({ join }: Scene, script: readonly (readonly [number, Move])[]): Promise<void> {
  const callers = [await join('Ada'), await join('Ben'), await join('Cy')]
  const said: { readonly by: Caller; readonly seq: number }[] = []
  const drafts = new Map<Caller, boolean>()
  for (const [who, move] of script) {
    const caller = callers[who]!
    const read = caller.given.at(-1)?.seq ?? caller.entrance.cursor
    const unseen = said.filter(({ by, seq }) => by !== caller && seq > read).map(({ seq }) => seq)
    if (move.type === 'push') {
      if (!drafts.get(caller)) continue
      const push = await caller.call('push', { timeout_ms: 0 })
      // Nobody but who has the floor is kept waiting by it.
      if (push.status === 0)
        must(unseen.length > 0 || push.floor !== undefined, 'a push was held without a reason', push)
      else same(unseen, [], 'a push was sent across a message that its author had not seen')
      if (push.status === 0) continue
      said.push({ by: caller, seq: push.seq! })
      drafts.set(caller, false)
    } else if (move.type === 'check') await caller.call('check', { timeout_ms: 0 })
    else if (move.type === 'append') {
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
      caller.given.map(({ seq }) => seq),
      seqs,
      'somebody was given something twice, not at all, or in another order',
    )
  }
}

/** What a stream brings is not given: only its reader says, by `after`, what it was shown. */
async function notByStreams({ bench, join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Dan'), await join('Eve')]
  const stream = await bench.stream!({ room: bench.room, token: ada.token! })
  await ben.say('streamed')
  for (let tried = 0; tried < 200 && !stream.events.some(({ event }) => event === 'message'); tried++)
    await bench.settle()
  const { messages } = await ada.call('check', { timeout_ms: 0 })
  await stream.close()
  same(
    messages.map(({ content }) => content),
    ['streamed'],
    'what a stream brought counted as given',
  )
}

async function inPages(scene: Scene): Promise<void> {
  const { bench, join } = scene
  if (bench.stream) await notByStreams(scene)
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  let cursor = ben.entrance.cursor
  for (let said = 0; said < 130; said++) {
    const answer = await ben.call('publish', { content: `${said}`, base: cursor, key: `${said}` })
    must(answer.status === 1, 'a message with nothing unseen before it was not sent', answer)
    cursor = answer.seq!
  }
  const sizes: number[] = []
  for (let more = true; more && sizes.length < 10; ) {
    const answer = await ada.call('check', { timeout_ms: 0 })
    sizes.push(answer.messages.length)
    same(answer.cursor, answer.messages.at(-1)!.seq, 'the cursor moved over what was not given')
    more = answer.more === true
  }
  same([Math.max(...sizes), sizes.reduce((sum, size) => sum + size)], [100, 130], 'a backlog came in other pages')
}

async function waits({ bench, join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const none = await ada.call('check', { timeout_ms: 0 })
  same([none.status, none.messages], [0, []], 'a check with nothing to give did not say so')
  const [ended, second] = await oneBehindAnother(bench, ada)
  same([ended.status, ended.messages], [0, []], 'an earlier check did not end with nothing')
  await ada.call('append', { text: 'meanwhile' })
  await ben.say('for the second')
  const woken = await within(bench, second.waits, 'a check over which something was said')
  same(
    [woken.status, woken.messages.map(({ content }) => content)],
    [1, ['for the second']],
    'a check slept over a message',
  )
}

/**
 * How a check ended that another came behind, and that other one. Two requests under way may overtake each other, however
 * seldom: then one tries again, and waits longer for the first to arrive.
 */
async function oneBehindAnother(
  bench: ServerHarness,
  ada: Caller,
): Promise<[Answer, { readonly waits: Promise<Answer> }]> {
  for (let pause = 1; ; pause *= 4) {
    const earlier = ada.call('check', { timeout_ms: 20_000 })
    for (let settled = 0; settled < pause; settled++) await bench.settle()
    const later = ada.call('check', { timeout_ms: 20_000 })
    const ends = [earlier, later].map(async (check, at) => ({ answer: await check, overtaken: at === 1 }))
    const { answer, overtaken } = await within(bench, Promise.race(ends), 'a check with another behind it')
    if (!overtaken) return [answer, { waits: later }]
    must(pause < 1000, 'an earlier check ended a later one')
  }
}

/** What a caller without a draft of its own gets of the rules that all keep. */
export const hostedRules: readonly ServerRule[] = [
  serverProperty('D1', fc.array(moves, { maxLength: 25 }), aDraft),
  serverProperty('H1', fc.array(fc.tuple(fc.nat({ max: 2 }), talks), { maxLength: 30, size: 'max' }), delivered),
  serverRule('L5', [], inPages),
  serverRule('C1', [], waits),
]
