import { newHub } from '@midsentence/testing/harness/hub-harness'
import { describe, expect, test } from 'vitest'

test('[H1] of two pushes at once, the first is sent, and the other is held, then sent', async () => {
  const { join } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  await ada.append({ text: 'hello' })
  await bo.append({ text: 'hi' })
  const [first, second] = await Promise.all([ada.push(), bo.push()])
  expect(first).toMatchObject({ status: 1, seq: 1, cursor: 1, messages: [], durability: 'memory' })
  expect(second).toMatchObject({ status: 0, held: true, suffix: 'hi', segments: 1, cursor: 1 })
  expect(second.messages).toMatchObject([{ sender_id: 'Ada', content: 'hello', seq: 1, base: 0 }])
  expect(await bo.push()).toMatchObject({ status: 1, seq: 2 })
})

test('[P1] a push sends the preview and empties the draft; an empty push is an error', async () => {
  const { join } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  await ada.append({ text: 'one ' })
  await ada.append({ text: 'two ' })
  await ada.append({ text: 'three' })
  await ada.undo()
  const { draft, segments, length } = await ada.preview()
  expect([draft, segments, length]).toEqual(['one two ', [4, 4].map(length => ({ length, base: 0 })), 8])
  await ada.push()
  expect((await bo.check()).messages).toMatchObject([{ content: draft }])
  expect(await ada.preview()).toMatchObject({ draft: '', length: 0, segments: [] })
  await expect(ada.push()).rejects.toMatchObject({ code: 'no-draft' })
  expect(await ada.undo()).toMatchObject({ status: 0, suffix: '' })
})

test('[D5] append tells what it accepted, reset empties the draft, and each answer gives new messages once', async () => {
  const { join, say } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  expect(await ada.append({ text: 'x'.repeat(1001) })).toMatchObject({ status: 2, accepted: 1000, dropped: 1 })
  await say(bo, 'first')
  expect(await ada.append({ text: '' })).toMatchObject({ status: 0, messages: [{ content: 'first' }], cursor: 1 })
  expect(await ada.reset()).toMatchObject({ status: 1, suffix: '', messages: [], cursor: 1 })
})

describe('check', () => {
  test('[C1] waits for messages, gives them, and has status 0 after its time', async () => {
    const { clock, join, say } = await newHub()
    const ada = await join('Ada')
    const bo = await join('Bo')
    const check = ada.check()
    await say(bo, 'here')
    expect(await check).toMatchObject({ status: 1, messages: [{ content: 'here' }], cursor: 1 })
    const idle = ada.check({ timeout_ms: 100 })
    await clock.advance(100)
    expect(await idle).toMatchObject({ status: 0, messages: [], cursor: 1 })
    const usual = ada.check()
    const long = bo.check({ timeout_ms: 1e9 })
    await clock.advance(25_000)
    expect(await usual).toMatchObject({ status: 0 })
    await clock.advance(215_000)
    expect(await long).toMatchObject({ status: 0 })
  })

  test('[C2] a later check ends an earlier one at once, also after a push', async () => {
    const { clock, join, say } = await newHub()
    const ada = await join('Ada')
    const bo = await join('Bo')
    const first = ada.check()
    const second = ada.check()
    expect(await first).toMatchObject({ status: 0, messages: [] })
    await say(bo, 'for the second')
    expect(await second).toMatchObject({ status: 1 })
    const third = ada.check()
    const fourth = ada.check({ timeout_ms: 1 })
    expect(await third).toMatchObject({ status: 0 })
    await clock.advance(1)
    expect(await fourth).toMatchObject({ status: 0 })
  })

  test('[C3] gives nothing if its caller is gone, and loses nothing', async () => {
    const { join, say } = await newHub()
    const ada = await join('Ada')
    const bo = await join('Bo')
    const caller = new AbortController()
    const check = ada.check({}, { signal: caller.signal })
    caller.abort()
    expect(await check).toMatchObject({ status: 0, messages: [] })
    await say(bo, 'still there')
    expect(await ada.check()).toMatchObject({ status: 1, messages: [{ content: 'still there' }] })
  })

  test('[P5] does not delay other calls', async () => {
    const { join } = await newHub()
    const ada = await join('Ada')
    const check = ada.check()
    expect(await ada.append({ text: 'meanwhile' })).toMatchObject({ status: 1 })
    expect(await ada.push()).toMatchObject({ status: 1 })
    await ada.leave()
    expect(await check).toMatchObject({ status: 0 })
  })
})

test('[P5] calls after a push wait for its outcome, in order', async () => {
  const { clock, join } = await newHub()
  const holder = await join('Holder')
  const ada = await join('Ada')
  const bo = await join('Bo')
  // Holder earns the floor, so Ada's push waits.
  for (let i = 0; i < 3; i++) {
    await bo.publish({ content: `${i}`, base: bo.snapshotCursor().shown, key: `b${i}` })
    await holder.publish({ content: 'x', base: i, key: `h${i}` })
  }
  await ada.check()
  await ada.append({ text: 'a' })
  const order: string[] = []
  const push = ada.push({ timeout_ms: 1000 }).then(answer => order.push(`push ${answer.status}`))
  const append = ada.append({ text: 'b' }).then(({ suffix }) => order.push(`append ${suffix}`))
  await clock.advance(999)
  expect(order).toEqual([])
  await clock.advance(1)
  await Promise.all([push, append])
  expect(order).toEqual(['push 0', 'append ab'])
})

test('[F6] [F2] answers tell a participant of its floor; its check does not wait, and with an empty draft gives up the floor', async () => {
  const { clock, join } = await newHub()
  const ada = await join('Ada')
  const bo = await join('Bo')
  await ada.append({ text: 'mine' })
  const pushes: unknown[] = []
  for (let i = 0; i < 3; i++) {
    await bo.publish({ content: `${i}`, base: bo.snapshotCursor().shown, key: `${i}` })
    pushes.push(await ada.push())
  }
  expect(pushes.map(answer => (answer as { floor?: object }).floor)).toEqual([
    undefined,
    undefined,
    { name: 'Ada', for_ms: 60_000 },
  ])
  await clock.advance(10_000)
  expect(await ada.check()).toMatchObject({ status: 0, floor: { name: 'Ada', for_ms: 50_000 } })
  expect(bo.who().floor).toEqual({ name: 'Ada', for_ms: 50_000 })
  const blocked = bo.publish({ content: 'later', base: 3, key: 'later', timeout_ms: 5 })
  await clock.advance(5)
  expect(await blocked).toMatchObject({ status: 0, held: true, messages: [], floor: { name: 'Ada' } })
  await ada.reset()
  const waiting = ada.check()
  expect(await bo.publish({ content: 'free', base: 3, key: 'free' })).toMatchObject({ status: 1 })
  expect(await waiting).toMatchObject({ status: 1, messages: [{ content: 'free' }] })
})

test('[A5] leaving ends a waiting push with an error and frees the name', async () => {
  const { join, hub } = await newHub()
  const holder = await join('Holder')
  const bo = await join('Bo')
  for (let i = 0; i < 3; i++) {
    await bo.publish({ content: `${i}`, base: bo.snapshotCursor().shown, key: `b${i}` })
    await holder.publish({ content: 'x', base: i, key: `h${i}` })
  }
  await bo.append({ text: 'never' })
  const push = bo.push()
  const undo = bo.undo()
  await bo.leave()
  await expect(push).rejects.toMatchObject({ code: 'session-unknown' })
  await expect(undo).rejects.toMatchObject({ code: 'session-unknown' })
  await expect(bo.append({ text: 'x' })).rejects.toMatchObject({ code: 'session-unknown' })
  expect(() => hub.enter(bo.joinResult.token)).toThrow(expect.objectContaining({ code: 'session-unknown' }))
  expect(holder.who().participants).toEqual([{ sender_id: 'Holder' }])
  await join('Bo')
})

test('[H2] a room that annotates sends every push and names what it crossed', async () => {
  const { join } = await newHub({ policy: { room: () => ({ policy: 'annotate' }), limits: () => ({}) } })
  const ada = await join('Ada')
  const bo = await join('Bo')
  await ada.append({ text: 'a' })
  await bo.append({ text: 'b' })
  await ada.push()
  expect(await bo.push()).toMatchObject({ status: 1, seq: 2, crossed: [1], messages: [{ content: 'a' }], cursor: 2 })
})

test('[Z2] content that the policy refuses is an error with the reason, and the draft stays', async () => {
  const content = (text: string) =>
    text.includes('secret') ? { allowed: false as const, reason: 'it names a secret' } : { allowed: true as const }
  const { join } = await newHub({ policy: { room: () => ({}), limits: () => ({}), content } })
  const ada = await join('Ada')
  await ada.append({ text: 'a secret' })
  await expect(ada.push()).rejects.toMatchObject({ code: 'content-policy', data: { reason: 'it names a secret' } })
  expect(await ada.preview()).toMatchObject({ draft: 'a secret' })
})

test('[Q3] [H3] an unconditional message is sent at once, does not end a floor, and names what it crossed', async () => {
  const { hub, join } = await newHub()
  const ada = await join('Ada')
  const old = await hub.join({ username: 'old', legacy: true })
  await ada.publish({ content: 'one', base: 0, key: '1' })
  await ada.append({ text: 'mine' })
  expect(await old.sendUnconditionally('crossing')).toMatchObject({ status: 1, seq: 2, crossed: [1] })
  expect(await ada.push()).toMatchObject({ held: true })
})
