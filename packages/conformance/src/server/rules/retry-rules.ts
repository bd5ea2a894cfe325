import { must, same } from '../../kit/assertions.ts'
import { within } from '../caller.ts'
import { type ServerRule, type ServerScenario, serverRule } from '../server-rule.ts'
import { holdFloor } from './floor-rules.ts'
import { earnFloor } from './waiting-rules.ts'

async function repeatsAnswers({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await ben.sendMessage('news')
  const appended = await ada.call('append', { text: 'hello', key: 'a' })
  await ben.sendMessage('later')
  same(await ada.call('append', { text: 'hello', key: 'a' }), appended, 'a repeated append has another answer')
  const held = await ada.call('push', { key: 'b' })
  must(held.held === true && held.messages.length === 1, 'a push across an unseen message was not held', held)
  same(await ada.call('push', { key: 'b', timeout_ms: 1 }), held, 'a repeated push that was held was judged again')
  const sent = await ada.call('push', { key: 'c' })
  must(sent.status === 1, 'a push with nothing unseen was not sent', sent)
  same(await ada.call('push', { key: 'c' }), sent, 'a repeated push has another answer')
  const [one, other] = [await ada.refusal('push', { key: 'd' }), await ada.refusal('push', { key: 'd' })]
  same([one.code, other.code], [40001, 40001], 'a push of an empty draft was not rejected with 40001')
  await ada.call('append', { text: 'more' })
  const still = await ada.refusal('push', { key: 'd' })
  same(still.code, 40001, 'a repeated call did not repeat its error')
  const heard = await ben.call('check', { timeout_ms: 0 })
  same(
    heard.messages.map(({ content }) => content),
    ['hello'],
    'a pushed message did not arrive exactly once',
  )
}

/** Repeats a push, by its key, that waits for the floor of another. */
async function repeatsWhileWaiting({ harness, join }: ServerScenario): Promise<void> {
  const [cy, dee, eve] = [await join('Cy'), await join('Dee'), await join('Eve')]
  await holdFloor(cy, dee)
  await eve.call('append', { text: 'once' })
  await eve.call('check', { timeout_ms: 0 })
  const pushes = []
  for (let asked = 0; asked < 2; asked++) {
    pushes.push(eve.begin('push', { key: 'waits', timeout_ms: 20_000 }))
    await harness.settle()
  }
  await cy.call('yield')
  const [first, again] = await within(harness, Promise.all(pushes), 'a repeated push')
  must(first!.status === 1, 'a waiting push with nothing unseen was not sent when the floor ended', first)
  same(again, first, 'a push repeated while it waits has another answer')
  same((await dee.call('check', { timeout_ms: 0 })).messages.length, 1, 'a repeated push was sent twice')
}

async function oneCallAKey({ join }: ServerScenario): Promise<void> {
  const ada = await join('Ada')
  await ada.call('append', { text: 'one', key: 'k' })
  for (const [method, params] of [
    ['append', { text: 'other' }],
    ['undo', {}],
    ['push', {}],
    ['publish', { content: 'one', base: ada.joinResult.cursor }],
  ] as const) {
    const { code } = await ada.refusal(method, { ...params, key: 'k' })
    same(code, -32602, `a key of another call was accepted for ${method}`)
  }
  const { draft } = await ada.call('preview')
  same(draft, 'one', 'a rejected call changed the draft')
  for (const key of ['', 'x'.repeat(129), 7, {}]) {
    const { code } = await ada.refusal('undo', { key })
    same(code, -32602, 'an invalid key was accepted')
  }
}

async function rejectsUnseenCursors({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const { cursor } = ada.joinResult
  await ben.sendMessage('unseen')
  for (const [method, params] of [
    ['append', { text: 'x', after: cursor + 1 }],
    ['push', { after: cursor + 1 }],
    ['check', { after: cursor + 1, timeout_ms: 0 }],
    ['preview', { after: cursor + 99 }],
    ['publish', { content: 'x', base: cursor + 1, key: 'k' }],
    ['append', { text: 'x', after: -1 }],
    ['append', { text: 'x', after: 0.5 }],
  ] as const) {
    const { code } = await ada.refusal(method, params)
    same(code, -32602, `${method} accepted a cursor above what was shown`)
  }
  await ada.notify('append', { text: 'x' })
  const push = await ada.call('push')
  must(push.held === true, 'a push across an unseen message was sent', push)
}

async function returnsFromCursor({ join }: ServerScenario): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const { cursor } = ada.joinResult
  for (const text of ['one', 'two', 'three']) await ben.sendMessage(text)
  const first = await ada.call('check', { timeout_ms: 0 })
  const again = await ada.call('check', { after: cursor, timeout_ms: 0 })
  same(again.messages, first.messages, 'messages were not returned again from an older cursor')
  const part = await ada.call('append', { text: 'x', after: first.messages[0]!.seq })
  same(
    part.messages.map(({ content }) => content),
    ['two', 'three'],
    'messages after a cursor were not returned again',
  )
  const held = await ada.call('push', { after: first.messages[1]!.seq })
  must(held.held === true, 'a push was not judged by its `after`', held)
  const { messages, draft } = await ada.call('preview')
  same([messages, draft], [[], 'x'], 'an older `after` moved the cursor back')
  const { messages: before } = await ben.call('preview', { after: 0 })
  same(before, [], 'a caller received its own messages, or messages from before its join')
}

/** Checks that calls without effect repeat their answer too. */
async function repeatsNoop({ join }: ServerScenario): Promise<void> {
  const kim = await join('Kim')
  const nothing = await kim.call('undo', { key: 'a' })
  same(nothing.status, 0, 'an undo of an empty draft did not answer with status 0')
  const empty = await kim.call('append', { text: '', key: 'b' })
  await kim.call('append', { text: 'here' })
  same(await kim.call('undo', { key: 'a' }), nothing, 'a repeated undo without effect was executed')
  same(await kim.call('append', { text: '', key: 'b' }), empty, 'a repeated append without effect was executed')
  same((await kim.call('preview')).draft, 'here', 'a repeated call had an effect')
}

/** Checks that a push which waits for a floor has one outcome, also if it is repeated meanwhile. */
async function repeatsFloorWait({ harness, join }: ServerScenario): Promise<void> {
  const [lou, max] = [await join('Lou'), await join('Max')]
  await earnFloor(lou, max)
  await max.call('append', { text: 'once' })
  const vain = await max.call('push', { key: 'vain', timeout_ms: 0 })
  must(vain.held === true && vain.floor !== undefined, 'a push during the floor of another was not held', vain)
  const push = { key: 'waits', timeout_ms: 200_000 }
  const first = max.call('push', push)
  first.catch(() => {})
  await harness.settle()
  const second = max.call('push', push)
  second.catch(() => {})
  await harness.settle()
  await lou.call('yield')
  const [one, other] = [
    await within(harness, first, 'a push that waits for a floor'),
    await within(harness, second, 'a push repeated while it waits'),
  ]
  same(one.status, 1, 'a waiting push with nothing unseen was held')
  same(other, one, 'a push repeated while it waits was judged separately')
  await max.call('append', { text: 'and again' })
  same(await max.call('push', { key: 'vain' }), vain, 'a wait that timed out was repeated instead of its answer')
  const { messages } = await lou.call('preview')
  same(
    messages.map(({ content }) => content),
    ['once'],
    'a repeated push had more than one effect',
  )
}

/** Rules of keys and of cursors that callers name. */
export const retryRules: readonly ServerRule[] = [
  serverRule('R1', [], async scenario => {
    await repeatsAnswers(scenario)
    await repeatsWhileWaiting(scenario)
    await repeatsNoop(scenario)
    await repeatsFloorWait(scenario)
  }),
  serverRule('R2', [], oneCallAKey),
  serverRule('R3', [], rejectsUnseenCursors),
  serverRule('R4', [], returnsFromCursor),
]
