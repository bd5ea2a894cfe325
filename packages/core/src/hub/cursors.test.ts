import { newHub } from '@midsentence/testing/harness/hub-harness'
import { expect, test } from 'vitest'
import type { HeldAnswer } from '../machine/answers.ts'
import { memoryLog } from '../memory/memory-log.ts'
import { memorySessions } from '../memory/memory-sessions.ts'
import { virtualClock } from '../memory/virtual-clock.ts'
import { openHub } from './hub.ts'

test('[R4] `after` below the cursor gives lost messages again and judges by it; above, it moves the cursor', async () => {
  const { join, say, listen } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  for (const text of ['one', 'two', 'three']) await say(bo, text)
  expect((await ada.check()).cursor).toBe(3)
  const again = await ada.append({ text: 'draft', after: 1 })
  expect(again.messages.map(message => message.content)).toEqual(['two', 'three'])
  expect(again.cursor).toBe(3)
  expect((await ada.undo()).messages).toEqual([])
  await ada.append({ text: 'draft' })
  expect(await ada.push({ after: 2 })).toMatchObject({ held: true, messages: [{ content: 'three' }] })
  const received = await listen(ada)
  await say(bo, 'four')
  expect(received.contents).toEqual(['four'])
  expect(await ada.push({ after: 4 })).toMatchObject({ status: 1, seq: 5, messages: [], cursor: 5 })
})

test('[R3] a cursor above what was shown is refused in every call', async () => {
  const { join, say } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  await say(bo, 'unseen')
  const refused = { code: 'invalid-params' }
  await expect(ada.append({ text: 'x', after: 1 })).rejects.toMatchObject(refused)
  await expect(ada.check({ after: 7 })).rejects.toMatchObject(refused)
  await expect(ada.publish({ content: 'x', base: 1, key: 'k' })).rejects.toMatchObject(refused)
  const silent = { messages: () => true, missed: () => {}, presence: () => {}, ended: () => {} }
  await expect(ada.subscribe(silent, 1)).rejects.toMatchObject(refused)
  expect(await ada.preview()).toMatchObject({ draft: '', messages: [{ content: 'unseen' }] })
})

test('[R4] messages before the join are not shown for any cursor', async () => {
  const { join, say } = await newHub()
  const bo = await join('Bo')
  await say(bo, 'before')
  const ada = await join('Ada')
  expect(ada.joinResult.cursor).toBe(1)
  await say(bo, 'after')
  expect((await ada.check({ after: 0 })).messages).toMatchObject([{ content: 'after' }])
})

test('[A7] `since` and `last` give earlier messages where the room allows it; they count as read and hold nothing', async () => {
  const policy = {
    room: () => ({}),
    limits: () => ({}),
    access: (room: string) => ({ history: room === 'open' }),
  }
  const { hub, join, say } = await newHub({ policy })
  const bo = await join('Bo', 'open')
  for (const text of ['one', 'two', 'three']) await say(bo, text)
  const ada = await hub.join({ username: 'Ada', room: 'open', since: 1 })
  expect(ada.joinResult).toMatchObject({ cursor: 1, head: 3 })
  await ada.append({ text: 'x' }, { notification: true })
  expect(await ada.push()).toMatchObject({ status: 1, messages: [{ content: 'two' }, { content: 'three' }] })
  const cleo = await hub.join({ username: 'Cleo', room: 'open', last: 2 })
  expect(cleo.joinResult).toMatchObject({ cursor: 2, head: 4 })
  await say(bo, 'four')
  const held = { held: true, messages: [{ content: 'three' }, { content: 'x' }, { content: 'four' }] }
  expect(await cleo.publish({ content: 'y', base: 2, key: 'k' })).toMatchObject(held)
  expect((await hub.join({ username: 'D', room: 'open', last: 99 })).joinResult.cursor).toBe(0)
  const refused = (request: object) => expect(hub.join({ username: 'E', ...request })).rejects
  await refused({ room: 'open', since: 9 }).toMatchObject({ code: 'invalid-params' })
  await refused({ room: 'open', since: 1, last: 1 }).toMatchObject({ code: 'invalid-params' })
  await say(await join('Bo'), 'x')
  await refused({ since: 0 }).toMatchObject({ code: 'room-unavailable' })
  const none = (await hub.join({ username: 'E', last: 5 })).joinResult
  expect(none.cursor).toBe(1)
  expect(none).not.toHaveProperty('head')
})

test('[A7] [G1] after a restart, messages from before the join still hold nothing', async () => {
  const { log, sessions } = { log: memoryLog(), sessions: memorySessions() }
  const policy = { room: () => ({}), limits: () => ({}), access: () => ({ history: true }) }
  const first = await openHub({ log, sessions, policy })
  const bo = await first.join({ username: 'Bo' })
  await bo.append({ text: 'one' })
  await bo.push()
  const { token } = (await first.join({ username: 'Ada', last: 5 })).joinResult
  await first.close()
  const second = await openHub({ log, sessions, policy })
  const ada = second.enter(token)
  expect(await ada.resume()).toMatchObject({ cursor: 0, head: 1 })
  await ada.append({ text: 'x' }, { notification: true })
  expect(await ada.push()).toMatchObject({ status: 1, messages: [{ content: 'one' }] })
})

test('[W2] [H4] every call of a batch is judged by what was known before the batch', async () => {
  const { join, say } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  await ada.append({ text: 'old' })
  await say(bo, 'news')
  const options = { cursorSnapshot: ada.snapshotCursor(), mayWait: false }
  const [check, push] = await Promise.all([ada.check({}, options), ada.push({}, options)])
  expect(check).toMatchObject({ status: 1, messages: [{ content: 'news' }] })
  expect(push).toMatchObject({ held: true, messages: [] })
  await expect(ada.push({ after: 9 }, options)).rejects.toMatchObject({ code: 'invalid-params' })
  expect(await ada.push()).toMatchObject({ status: 1 })
})

test('[L5] a backlog is given in pages, with `more` on all but the last', async () => {
  const { join } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  for (let i = 1; i <= 250; i++) await bo.publish({ content: `${i}`, base: bo.snapshotCursor().shown, key: `${i}` })
  const sizes: unknown[] = []
  for (let more: true | undefined = true; more; ) {
    const answer = await ada.append({ text: '.' })
    sizes.push([answer.messages.length, answer.cursor, answer.more])
    more = answer.more
  }
  expect(sizes).toEqual([
    [100, 100, true],
    [100, 200, true],
    [50, 250, undefined],
  ])
  const long = 'x'.repeat(15_000)
  for (const key of ['a', 'b']) await bo.publish({ content: long, base: bo.snapshotCursor().shown, key })
  expect(await ada.undo()).toMatchObject({ messages: [{ seq: 251 }], cursor: 251, more: true })
})

test('[L5] older messages are read from the log, in the same pages and on the same streams', async () => {
  const { join, listen } = await newHub({ tail: 4 })
  const ada = await join('Ada')
  const bo = await join('Bo')
  for (let i = 1; i <= 150; i++) await bo.publish({ content: `${i}`, base: bo.snapshotCursor().shown, key: `${i}` })
  const first = await ada.check()
  expect([first.messages.length, first.messages[0]?.seq, first.cursor, first.more]).toEqual([100, 1, 100, true])
  const received = await listen(ada, 0)
  const rest = await ada.check()
  expect([rest.messages.length, rest.cursor, rest.more]).toEqual([50, 150, undefined])
  await bo.publish({ content: 'live', base: bo.snapshotCursor().shown, key: 'live' })
  expect(received.seqs).toEqual(Array.from({ length: 151 }, (_, i) => i + 1))
})

test('[W3] a notification has its effect, gives no messages, moves no cursor and counts as no attempt', async () => {
  const { clock, join, say } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  await ada.append({ text: 'a' }, { notification: true })
  for (let i = 0; i < 5; i++) {
    await say(bo, `news ${i}`)
    await ada.push({}, { notification: true })
    await ada.check({}, { notification: true })
  }
  await clock.advance(0)
  expect(ada.who().floor).toBeUndefined()
  const answer = await ada.preview()
  expect([answer.draft, answer.messages.length]).toEqual(['a', 5])
  await ada.push({}, { notification: true })
  expect((await bo.check()).messages).toMatchObject([{ content: 'a' }])
})

test('[W3] a message sent by a notification moves no cursor, for any base', async () => {
  const { clock, join, say, listen } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  await listen(ada)
  await say(bo, 'shown')
  await ada.publish({ content: 'quiet', base: 1, key: 'k' }, { notification: true })
  await clock.settle()
  expect(ada.snapshotCursor()).toEqual({ cursor: 0, shown: 2 })
  expect((await ada.check()).messages).toMatchObject([{ content: 'shown' }])
})

test('[F1] a hold whose answer has more does not count, also where its messages are from before the join', async () => {
  const policy = { room: () => ({ holds_for_floor: 1 }), limits: () => ({}), access: () => ({ history: true }) }
  for (const [since, floor] of [
    [0, undefined],
    [150, { name: 'Ada' }],
  ] as const) {
    const hub = await openHub({ clock: virtualClock(), policy })
    const ben = await hub.join({ username: 'Ben' })
    const say = (nth: number) => ben.publish({ content: `${nth}`, base: nth - 1, key: `${nth}` })
    for (let nth = 1; nth <= 150; nth++) await say(nth)
    const ada = await hub.join({ username: 'Ada', since })
    await ada.append({ text: 'x' }, { notification: true })
    await say(151)
    const held = await ada.push()
    expect(held).toMatchObject({ held: true, ...(since === 0 && { more: true }) })
    expect((held as HeldAnswer).floor).toEqual(floor && expect.objectContaining(floor))
    await hub.close()
  }
})

test('[T3] [D6] a hosted draft has at most 2,000 segments, and a preview lists no more', async () => {
  const ada = await (await openHub({ clock: virtualClock() })).join({ username: 'Ada' })
  for (let nth = 0; nth < 2000; nth++) await ada.append({ text: 'x' })
  expect(await ada.append({ text: 'y' })).toMatchObject({ status: 0, accepted: 0, dropped: 1 })
  expect((await ada.preview()).segments).toHaveLength(2000)
  expect(await ada.push()).toMatchObject({ status: 1 })
  expect(await ada.append({ text: 'y' })).toMatchObject({ status: 1, accepted: 1 })
})
