import { must, same } from '../../kit/assertions.ts'
import { within } from '../caller.ts'
import { type Scene, type ServerRule, serverRule } from '../server-rule.ts'
import { holdFloor } from './floor-rules.ts'
import { ofFloors, ofNothing } from './idempotency-rules.ts'

async function toldAgain({ join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  await ben.say('news')
  const appended = await ada.call('append', { text: 'hello', key: 'a' })
  await ben.say('later')
  same(await ada.call('append', { text: 'hello', key: 'a' }), appended, 'a repeated append was told something else')
  const held = await ada.call('push', { key: 'b' })
  must(held.held === true && held.messages.length === 1, 'a push over an unseen message was not held', held)
  same(await ada.call('push', { key: 'b', timeout_ms: 1 }), held, 'a repeated push that was held was judged again')
  const sent = await ada.call('push', { key: 'c' })
  must(sent.status === 1, 'a push with nothing unseen was not sent', sent)
  same(await ada.call('push', { key: 'c' }), sent, 'a repeated push that was sent was told something else')
  const [one, other] = [await ada.refusal('push', { key: 'd' }), await ada.refusal('push', { key: 'd' })]
  same([one.code, other.code], [40001, 40001], 'a push of an empty draft was not refused with 40001')
  await ada.call('append', { text: 'more' })
  const still = await ada.refusal('push', { key: 'd' })
  same(still.code, 40001, 'an error that was answered under a key was forgotten')
  const heard = await ben.call('check', { timeout_ms: 0 })
  same(
    heard.messages.map(({ content }) => content),
    ['hello'],
    'what was pushed once did not arrive once',
  )
}

/** A push that waits for somebody's floor is asked for again by its key. */
async function toldWhileItWaits({ bench, join }: Scene): Promise<void> {
  const [cy, dee, eve] = [await join('Cy'), await join('Dee'), await join('Eve')]
  await holdFloor(cy, dee)
  await eve.call('append', { text: 'once' })
  await eve.call('check', { timeout_ms: 0 })
  const pushes = []
  for (let asked = 0; asked < 2; asked++) {
    pushes.push(eve.begin('push', { key: 'waits', timeout_ms: 20_000 }))
    await bench.settle()
  }
  await cy.call('yield')
  const [first, again] = await within(bench, Promise.all(pushes), 'a push that was asked for twice')
  must(first!.status === 1, 'a push with nothing unseen was not sent once the floor was free', first)
  same(again, first, 'who asked again for a push that still waited was told something else')
  same(
    (await dee.call('check', { timeout_ms: 0 })).messages.length,
    1,
    'a push that was asked for twice was sent twice',
  )
}

async function oneCallAKey({ join }: Scene): Promise<void> {
  const ada = await join('Ada')
  await ada.call('append', { text: 'one', key: 'k' })
  for (const [method, params] of [
    ['append', { text: 'other' }],
    ['undo', {}],
    ['push', {}],
    ['publish', { content: 'one', base: ada.entrance.cursor }],
  ] as const) {
    const { code } = await ada.refusal(method, { ...params, key: 'k' })
    same(code, -32602, `a key of another call was taken for ${method}`)
  }
  const { draft } = await ada.call('preview')
  same(draft, 'one', 'a refused call changed the draft')
  for (const key of ['', 'x'.repeat(129), 7, {}]) {
    const { code } = await ada.refusal('undo', { key })
    same(code, -32602, 'what is no key was taken for one')
  }
}

async function nobodyClaims({ join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const { cursor } = ada.entrance
  await ben.say('unseen')
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
    same(code, -32602, `${method} took a cursor that nobody was shown`)
  }
  await ada.notify('append', { text: 'x' })
  const push = await ada.call('push')
  must(push.held === true, 'a push over an unseen message was sent', push)
}

async function askedForAgain({ join }: Scene): Promise<void> {
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const { cursor } = ada.entrance
  for (const text of ['one', 'two', 'three']) await ben.say(text)
  const first = await ada.call('check', { timeout_ms: 0 })
  const again = await ada.call('check', { after: cursor, timeout_ms: 0 })
  same(again.messages, first.messages, 'what an answer gave was not given again')
  const part = await ada.call('append', { text: 'x', after: first.messages[0]!.seq })
  same(
    part.messages.map(({ content }) => content),
    ['two', 'three'],
    'what came after a cursor was not given again',
  )
  const held = await ada.call('push', { after: first.messages[1]!.seq })
  must(held.held === true, 'a push was not judged by the cursor that it named', held)
  const { messages, draft } = await ada.call('preview')
  same([messages, draft], [[], 'x'], 'asking again moved the cursor back')
  const { messages: before } = await ben.call('preview', { after: 0 })
  same(before, [], 'somebody was given its own messages, or what was said before it came')
}

/** Keys, and cursors that come from outside. */
export const retryRules: readonly ServerRule[] = [
  serverRule('R1', [], async scene => {
    await toldAgain(scene)
    await toldWhileItWaits(scene)
    await ofNothing(scene)
    await ofFloors(scene)
  }),
  serverRule('R2', [], oneCallAKey),
  serverRule('R3', [], nobodyClaims),
  serverRule('R4', [], askedForAgain),
]
