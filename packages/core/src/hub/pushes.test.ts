import { newHub } from '@midsentence/testing/harness/hub-harness'
import { expect, test } from 'vitest'
import type { RoomSettings } from '../room/settings.ts'

/** Opens a hub in which Holder has the floor, and Ada and Bo have read everything. */
async function withHolder(settings: Partial<RoomSettings> = {}) {
  const harness = await newHub({ policy: { room: () => settings, limits: () => ({}) } })
  const holder = await harness.join('Holder')
  const [ada, bo] = [await harness.join('Ada'), await harness.join('Bo')]
  for (let i = 0; i < (settings.holds_for_floor ?? 3); i++) {
    await harness.say(bo, `news ${i}`)
    await holder.publish({ content: 'x', base: i, key: `h${i}` })
  }
  await ada.check()
  return { ...harness, holder, ada, bo }
}

test('[P9] a push is checked in order: parameters, draft, limits, content policy, floor', async () => {
  const asked: string[] = []
  const { clock, join, say } = await newHub({
    policy: {
      room: () => ({}),
      limits: () => ({ draft: 8 }),
      content: text => {
        asked.push(text)
        return text === 'rude' ? { allowed: false, reason: 'it is rude' } : { allowed: true }
      },
    },
  })
  const holder = await join('Holder')
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  for (let i = 0; i < 3; i++) {
    await say(bo, `${i}`)
    await holder.publish({ content: 'x', base: i, key: `h${i}` })
  }
  asked.length = 0
  const deep = { a: { b: { c: { d: { e: 1 } } } } }
  await expect(ada.publish({ content: '', base: 0, key: '1', meta: deep })).rejects.toMatchObject({
    code: 'invalid-params',
  })
  await expect(ada.publish({ content: '', base: 0, key: '2' })).rejects.toMatchObject({ code: 'no-draft' })
  await expect(ada.publish({ content: 'rude rude', base: 0, key: '3' })).rejects.toMatchObject({
    code: 'invalid-params',
  })
  expect(asked).toEqual([])
  // It has unseen messages, and another participant has the floor: its content is checked before both.
  await expect(ada.publish({ content: 'rude', base: 0, key: '4' })).rejects.toMatchObject({ code: 'content-policy' })
  const waiting = ada.publish({ content: 'kind', base: 0, key: '5', timeout_ms: 10 })
  await clock.settle()
  expect(asked).toEqual(['rude', 'kind'])
  await clock.advance(10)
  expect(await waiting).toMatchObject({ held: true, floor: { name: 'Holder' } })
})

test('[H4] a push after another push is judged by the cursor it was called with', async () => {
  const { clock, ada, bo, holder } = await withHolder()
  await ada.append({ text: 'a' })
  const first = ada.push({ timeout_ms: 1000 })
  const second = ada.push({ timeout_ms: 1000 })
  // The holder's message is unseen for both pushes, though the answer of the first one gives it.
  await holder.publish({ content: 'mine', base: 3, key: 'mine' })
  await clock.settle()
  expect(await first).toMatchObject({ held: true, messages: [{ content: 'mine' }] })
  expect(await second).toMatchObject({ held: true, messages: [] })
  expect(await ada.push()).toMatchObject({ status: 1, seq: 5 })
  expect((await bo.check()).messages.map(({ content }) => content)).toEqual(['mine', 'a'])
})

test('[P5] resume, who, yield and leave do not wait for a push', async () => {
  const { clock, ada } = await withHolder()
  await ada.append({ text: 'mid' })
  const push = ada.push()
  await clock.settle()
  expect(await ada.resume()).toMatchObject({ suffix: 'mid', cursor: 3 })
  expect(ada.who()).toMatchObject({ floor: { name: 'Holder' } })
  expect(ada.yield()).toBe(false)
  const left = ada.leave()
  await expect(push).rejects.toMatchObject({ code: 'session-unknown' })
  await left
})

test('[C1] a check that waits for a push ends with status 0 when its session leaves', async () => {
  const { clock, ada } = await withHolder()
  await ada.append({ text: 'mid' })
  const push = ada.push()
  const check = ada.check()
  await clock.settle()
  const left = ada.leave()
  expect(await check).toMatchObject({ status: 0, messages: [] })
  await expect(push).rejects.toMatchObject({ code: 'session-unknown' })
  await left
})

test('[R5] a push goes on after its caller hung up, and the same key gets its outcome', async () => {
  const { clock, ada, holder } = await withHolder()
  await ada.append({ text: 'still here' })
  const gone = new AbortController()
  const first = ada.push({ key: 'k' }, { signal: gone.signal })
  await clock.settle()
  gone.abort()
  await clock.advance(1000)
  const again = ada.push({ key: 'k' })
  holder.yield()
  expect(await again).toMatchObject({ status: 1, seq: 4 })
  expect(await again).toEqual(await first)
  expect((await holder.check()).messages.filter(({ content }) => content === 'still here')).toHaveLength(1)
})

test('[Z2] an error is not a hold: two holds and an error do not earn the floor', async () => {
  const content = (text: string) =>
    text === 'rude' ? { allowed: false as const, reason: 'it is rude' } : { allowed: true as const }
  const { join, say } = await newHub({ policy: { room: () => ({}), limits: () => ({}), content } })
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  const floors: unknown[] = []
  for (const [at, text] of ['a', 'rude', 'b', 'c'].entries()) {
    await say(bo, `${at}`)
    await ada.reset()
    await say(bo, `${at} again`)
    await ada.append({ text }, { notification: true })
    floors.push(
      await ada.push().then(
        answer => (answer as { floor?: object }).floor ?? 'held',
        ({ code }) => code,
      ),
    )
  }
  expect(floors).toEqual(['held', 'content-policy', 'held', { name: 'Ada', for_ms: 60_000 }])
})

test('[F7] the holds for a floor and its duration are settings of the room', async () => {
  const { clock, holder, ada } = await withHolder({ holds_for_floor: 1, floor_ms: 5000, push_wait_ms: 100 })
  expect(ada.who().floor).toEqual({ name: 'Holder', for_ms: 5000 })
  const waiting = ada.publish({ content: 'x', base: 1, key: 'x' })
  await clock.advance(100)
  expect(await waiting).toMatchObject({ held: true, floor: { name: 'Holder', for_ms: 4900 } })
  await clock.advance(4900)
  // A wait that timed out is one hold: it was Ada's turn.
  expect(holder.who().floor).toEqual({ name: 'Ada', for_ms: 5000 })
})

test('[C4] a hosted check waits 25 s by default and 240 s at most', async () => {
  const { clock, hub } = await newHub()
  const ada = await hub.join({ username: 'Ada', secret: 'kept for a long time' })
  const lasts = async (timeout_ms?: number) => {
    const from = clock.monotonic()
    const check = ada.check(timeout_ms === undefined ? {} : { timeout_ms }).then(() => clock.monotonic() - from)
    for (let tick = 0; tick < 300; tick++) await clock.advance(1000)
    return check
  }
  expect([await lasts(), await lasts(1000), await lasts(0), await lasts(1e9)]).toEqual([25_000, 1000, 0, 240_000])
})
