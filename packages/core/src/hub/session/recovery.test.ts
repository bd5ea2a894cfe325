import { newHub } from '@midsentence/testing/harness/hub-harness'
import { expect, test } from 'vitest'
import { MidsentenceError } from '../../errors.ts'
import { memoryLog } from '../../memory/memory-log.ts'
import { memorySessions } from '../../memory/memory-sessions.ts'
import type { Policy } from '../../ports/policy.ts'
import type { SessionLog } from '../../ports/session-log.ts'

const newLogs = () => ({ log: memoryLog(), sessions: memorySessions() })

test('[G1] a hub opened again has sessions, drafts, cursors, keys and floors as they were', async () => {
  const logs = newLogs()
  const { join, say, hub } = await newHub(logs)
  const ada = await join('Ada')
  const bo = await join('Bo')
  await say(bo, 'one')
  const appended = await ada.append({ text: 'first ', key: 'a' })
  await ada.append({ text: 'sent' })
  const sent = await ada.push({ key: 'p' })
  await ada.append({ text: 'kept ' })
  await ada.append({ text: 'undone' })
  await ada.undo()
  await say(bo, 'unseen')
  await hub.close()

  const { hub: after } = await newHub(logs)
  const again = after.enter(ada.joinResult.token)
  expect(await again.resume()).toMatchObject({ sender_id: 'Ada', suffix: 'kept ', cursor: sent.cursor })
  expect(await again.push({ key: 'p' })).toEqual(sent)
  expect(await again.append({ text: 'first ', key: 'a' })).toEqual(appended)
  const held = await again.push()
  expect(held).toMatchObject({ held: true, messages: [{ content: 'unseen' }] })
  expect(await again.push()).toMatchObject({ status: 1, seq: 4 })
  const bos = await after.enter(bo.joinResult.token).check()
  expect(bos.messages.map(({ content }) => content)).toEqual(
    ['first sent', 'kept '].slice(bos.messages.length === 2 ? 0 : 1),
  )
  await expect(after.join({ username: 'ada' })).rejects.toMatchObject({ code: 'name-taken' })
})

test('[G1] a floor is restored after a restart', async () => {
  const logs = newLogs()
  const { hub, join } = await newHub(logs)
  const ada = await join('Ada')
  const bo = await join('Bo')
  for (let i = 0; i < 3; i++) {
    await bo.publish({ content: `${i}`, base: bo.snapshotCursor().shown, key: `b${i}` })
    await ada.publish({ content: 'x', base: i, key: `a${i}` })
  }
  expect(ada.who().floor).toMatchObject({ name: 'Ada' })
  await hub.close()
  const { hub: after } = await newHub(logs)
  expect(after.enter(ada.joinResult.token).who().floor).toMatchObject({ name: 'Ada' })
  expect(after.enter(ada.joinResult.token).yield()).toBe(true)
})

test('[G1] [P4] a push is not sent twice if its message was written and its session fact was not', async () => {
  const logs = newLogs()
  const { join } = await newHub(logs)
  const ada = await join('Ada')
  await ada.append({ text: 'once' })
  // As after a crash between two writes: the message is there, the fact of the session is not.
  const { session_id, sender_id } = ada.joinResult
  const message = {
    message_id: 'm',
    sender_id,
    content: 'once',
    timestamp: '2026-01-01T00:00:00.000Z',
    seq: 1,
    base: 0,
  }
  await logs.log.append('lobby', [{ type: 'message', message, session: session_id, push: 1, key: 'k' }], '0')
  const { hub: after } = await newHub(logs)
  const again = after.enter(ada.joinResult.token)
  expect(await again.push({ key: 'k' })).toMatchObject({ status: 1, message_id: 'm', seq: 1 })
  expect(await again.resume()).toMatchObject({ suffix: '' })
  await expect(again.push()).rejects.toMatchObject({ code: 'no-draft' })
})

const annotated: Policy = { room: () => ({ policy: 'annotate' }), limits: () => ({}) }

test('[L1] [G1] the record of a message tells what its push crossed: a repeated push gets the same answer after a crash', async () => {
  const logs = newLogs()
  const dead = new Promise<never>(() => {})
  let alive = true
  const sessions: SessionLog = {
    ...logs.sessions,
    append: (...write) => (alive ? logs.sessions.append(...write) : dead),
  }
  const { join } = await newHub({ log: logs.log, sessions, policy: annotated })
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  await ada.append({ text: 'x' })
  await bo.publish({ content: 'crossed', base: 0, key: 'b' })
  alive = false
  const sent = await ada.push({ key: 'k' })
  expect(sent).toMatchObject({ status: 1, seq: 2, crossed: [1], messages: [{ content: 'crossed' }], cursor: 2 })
  const { hub } = await newHub({ ...logs, policy: annotated })
  const again = hub.enter(ada.joinResult.token)
  expect(await again.push({ key: 'k' })).toEqual(sent)
  expect(await again.preview()).toMatchObject({ messages: [], cursor: 2 })
})

test('[L1] the answer of a push does not give what a waiting check gave while the push was written', async () => {
  const logs = newLogs()
  const { clock, join, hub } = await newHub({ ...logs, policy: annotated })
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  await ada.append({ text: 'x' })
  const check = ada.check()
  await clock.settle()
  const [, sent] = await Promise.all([bo.publish({ content: 'crossed', base: 0, key: 'b' }), ada.push({ key: 'k' })])
  const given = [sent, await check, await ada.preview()].flatMap(({ messages }) => messages)
  expect(given.map(({ content }) => content)).toEqual(['crossed'])
  await hub.close()
  const { hub: after } = await newHub({ ...logs, policy: annotated })
  expect(await after.enter(ada.joinResult.token).push({ key: 'k' })).toEqual(sent)
})

test('[R1] a repeated push gets the same answer after a restart, with the same messages', async () => {
  const logs = newLogs()
  const { hub, join } = await newHub({ ...logs, policy: annotated })
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  await ada.append({ text: 'x' })
  await bo.publish({ content: 'before', base: 0, key: '1' })
  // It is written together with the next message: its answer gives both.
  const [sent] = await Promise.all([ada.push({ key: 'k' }), bo.publish({ content: 'after', base: 1, key: '2' })])
  expect(sent.messages.map(({ content }) => content)).toEqual(['before', 'after'])
  await hub.close()
  const { hub: after } = await newHub({ ...logs, policy: annotated })
  const again = after.enter(ada.joinResult.token)
  expect(await again.push({ key: 'k' })).toEqual(sent)
  expect(await again.preview()).toMatchObject({ messages: [], cursor: 3 })
})

test('[A6] sessions that left, and those of another log, are not restored', async () => {
  const logs = newLogs()
  const { hub, join } = await newHub(logs)
  const ada = await join('Ada')
  const bo = await join('Bo')
  await bo.leave()
  await hub.close()
  const { hub: same } = await newHub(logs)
  expect(() => same.enter(bo.joinResult.token)).toThrow()
  expect(same.enter(ada.joinResult.token).who().participants).toEqual([{ sender_id: 'Ada' }])
  const { hub: other } = await newHub({ ...logs, log: memoryLog() })
  expect(() => other.enter(ada.joinResult.token)).toThrow(expect.objectContaining({ code: 'session-unknown' }))
})

test('[B1] timestamps do not go back when the clock does, also after a restart', async () => {
  const logs = newLogs()
  const { clock, hub, join, say } = await newHub(logs)
  await clock.advance(10_000)
  const first = await say(await join('Ada'), 'one')
  await hub.close()
  const { join: again, say: sayAgain } = await newHub(logs)
  const second = await sayAgain(await again('Bo'), 'two')
  expect([first, second].map(answer => 'timestamp' in answer && answer.timestamp)).toEqual([
    '2026-01-01T00:00:10.000Z',
    '2026-01-01T00:00:10.000Z',
  ])
})

test('[L9] [Z4] when a log fails, pushes are not acknowledged, messages are not shown, and the draft stays', async () => {
  const log = memoryLog()
  let failing = false
  const append: typeof log.append = (room, records, expected) =>
    failing
      ? Promise.reject(new MidsentenceError('unavailable', 'The disk is full.'))
      : log.append(room, records, expected)
  const { join, listen } = await newHub({ log: { ...log, append } })
  const ada = await join('Ada')
  const bo = await join('Bo')
  const received = await listen(bo)
  await ada.append({ text: 'x' })
  failing = true
  const pushes = await Promise.allSettled([ada.push({ key: 'k' }), bo.publish({ content: 'y', base: 0, key: 'y' })])
  for (const push of pushes) {
    expect(push).toMatchObject({ status: 'rejected', reason: { code: 'unavailable', data: { unknown: true } } })
  }
  failing = false
  await expect(ada.push()).rejects.toMatchObject({ code: 'unavailable' })
  expect(await ada.preview()).toMatchObject({ draft: 'x', messages: [] })
  expect([received.seqs, await log.messages('lobby', 0, 9)]).toEqual([[], []])
})

test('[G1] the log of a session does not grow with its calls', async () => {
  const logs = newLogs()
  const { join } = await newHub({ ...logs, snapshotEvery: { records: 3, facts: 2 } })
  const ada = await join('Ada')
  for (let n = 0; n < 100; n++) {
    await ada.append({ text: `${n}`, ...(n % 10 === 0 && { key: `${n}` }) })
    if (n % 3 > 0) await ada.undo()
  }
  let facts = 0
  for await (const _ of logs.sessions.read('lobby')) facts++
  expect(facts).toBeLessThanOrEqual(25)
})

test('[R1] the newest push is remembered after a restart, after any number of calls', async () => {
  // Found by killing a real server a hundred times: an acknowledged push was sent again.
  const logs = newLogs()
  const { hub, join } = await newHub(logs)
  const ada = await join('Ada')
  for (let n = 0; n < 1000; n++) await ada.append({ text: '.', key: `append ${n}` })
  const sent = await ada.push({ key: 'push' })
  for (let n = 0; n < 999; n++) await ada.undo({ key: `undo ${n}` })
  await hub.close()
  const { hub: after } = await newHub(logs)
  const again = after.enter(ada.joinResult.token)
  expect(await again.push({ key: 'push' })).toEqual(sent)
  expect(await again.undo({ key: 'undo 0' })).toMatchObject({ status: 0 })
  expect(await logs.log.messages('lobby', 0, 9)).toHaveLength(1)
})

test('[R2] after a restart, the key of a publish is refused for a push, and the other way round', async () => {
  const logs = newLogs()
  const { hub, join } = await newHub(logs)
  const ada = await join('Ada')
  await ada.publish({ content: 'whole', base: 0, key: 'published' })
  await ada.append({ text: 'drafted' })
  await ada.push({ key: 'pushed' })
  await hub.close()
  const { hub: after } = await newHub(logs)
  const again = after.enter(ada.joinResult.token)
  const taken = { code: 'invalid-params' }
  await expect(again.push({ key: 'published' })).rejects.toMatchObject(taken)
  await expect(again.publish({ content: 'drafted', base: 0, key: 'pushed' })).rejects.toMatchObject(taken)
  expect(await again.publish({ content: 'whole', base: 0, key: 'published' })).toMatchObject({ status: 1, seq: 1 })
  expect(await again.push({ key: 'pushed' })).toMatchObject({ status: 1, seq: 2 })
})
