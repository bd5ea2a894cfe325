import { override } from '@midsentence/testing/override'
import { expect, test } from 'vitest'
import { memoryLog } from '../memory/memory-log.ts'
import { memorySessions } from '../memory/memory-sessions.ts'
import { virtualClock } from '../memory/virtual-clock.ts'
import type { SessionLog } from '../ports/session-log.ts'
import { openHub } from './index.ts'

/** Counterexamples that random runs found, each as the shortest example. */

async function two() {
  const hub = await openHub({ clock: virtualClock() })
  const ada = await hub.join({ username: 'Ada' })
  const ben = await hub.join({ username: 'Ben' })
  const says = async (content: string) => {
    await ben.append({ text: content })
    while ((await ben.push()).status === 0);
  }
  return { hub, ada, ben, says }
}

test.each([false, true])(
  '[P4] a repeated call gets the same cursor, also when there were no messages (notification: %s)',
  async silent => {
    const { ada, says } = await two()
    const first = await ada.append({ text: 'a', key: 'k' }, { notification: silent })
    await says('one')
    await ada.check()
    // A caller that then passes `after: 1` would never get the messages of the lost answer.
    expect(await ada.append({ text: 'a', key: 'k' })).toEqual(first)
  },
)

test('[H1] a base below the first readable seq is raised to it: messages that are never shown hold no push', async () => {
  const { hub, says } = await two()
  await says('before she came')
  const cleo = await hub.join({ username: 'Cleo' })
  expect(await cleo.publish({ content: 'hello', base: 0, key: 'k' })).toMatchObject({ status: 1, seq: 2 })
})

test('[L1] a check that a later one ends still moves the cursor to its `after`', async () => {
  const { ada, says } = await two()
  const ignore = () => {}
  const stream = await ada.subscribe({ messages: () => true, missed: ignore, presence: ignore, ended: ignore })
  stream.resume()
  await says('seen on the stream')
  const first = ada.check({ after: 1 })
  const second = ada.check({ timeout_ms: 0 })
  expect(await first).toMatchObject({ status: 0, messages: [] })
  expect(await second).toMatchObject({ status: 0, messages: [], cursor: 1 })
})

test('[A5] a session that left writes nothing more, also not the outcome of its waiting push', async () => {
  const sessions = memorySessions()
  const policy = { room: () => ({ holds_for_floor: 1 }), limits: () => ({}) }
  const hub = await openHub({ clock: virtualClock(), sessions, policy })
  const ada = await hub.join({ username: 'Ada' })
  const ben = await hub.join({ username: 'Ben' })
  await ada.publish({ content: 'one', base: 0, key: 'k' })
  expect(await ben.publish({ content: 'two', base: 0, key: 'k' })).toMatchObject({ floor: { name: 'Ben' } })
  const waiting = ada.publish({ content: 'three', base: 1, key: 'waits for the floor' })
  await ada.leave()
  await expect(waiting).rejects.toMatchObject({ code: 'session-unknown' })
  await ben.leave()
  const left: unknown[] = []
  for await (const record of sessions.read('lobby')) left.push(record)
  expect(left).toEqual([])
})

test('[A5] a repeated leave waits until the first one is durable', async () => {
  const sessions = memorySessions()
  let write = () => {}
  const slow = override(sessions, {
    append: async (...batch: Parameters<SessionLog['append']>) => {
      if (batch[1].some(({ fact }) => fact.type === 'closed'))
        await new Promise<void>(resolve => {
          write = resolve
        })
      return sessions.append(...batch)
    },
  })
  const hub = await openHub({ clock: virtualClock(), sessions: slow })
  const ada = await hub.join({ username: 'Ada' })
  const { token } = ada.joinResult
  const answers: string[] = []
  const leaves = [1, 2].map(async nth => {
    await hub.enter(token).leave()
    answers.push(`leave ${nth}`)
  })
  await expect(ada.append({ text: 'late' })).rejects.toMatchObject({ code: 'session-unknown' })
  expect(answers).toEqual([])
  write()
  await Promise.all(leaves)
  expect(answers).toEqual(['leave 1', 'leave 2'])
  expect(() => hub.enter(token)).toThrow('belongs to no session')
})

test('[L1] a check that reads the log does not give messages that a call gave meanwhile', async () => {
  for (let turns = 0; turns < 30; turns++) {
    const hub = await openHub({ clock: virtualClock(), tail: 1 })
    const ada = await hub.join({ username: 'Ada' })
    const ben = await hub.join({ username: 'Ben' })
    const check = ada.check()
    // A notification moves no cursor, also not over its own message: later messages must be read from the log.
    for (const key of ['a', 'b', 'c']) await ada.publish({ content: key, base: 0, key }, { notification: true })
    await ben.check()
    const said = ben.publish({ content: 'once', base: 3, key: 'k' })
    for (let turn = 0; turn < turns; turn++) await undefined
    const preview = ada.preview()
    await said
    await ada.check({ timeout_ms: 0 })
    const answers = await Promise.all([preview, check])
    expect(answers.flatMap(({ messages }) => messages.map(({ content }) => content))).toEqual(['once'])
  }
})

test('[P6] a hold counts also when its messages are no longer in memory', async () => {
  // Found by the simulation: with a short tail, a participant with an old base earned the floor one hold too late.
  const hub = await openHub({ clock: virtualClock(), tail: 1 })
  const ada = await hub.join({ username: 'Ada' })
  const ben = await hub.join({ username: 'Ben' })
  for (const [at, content] of ['one', 'two', 'three', 'four'].entries())
    await ben.publish({ content, base: 0, key: `${at}` })
  const held = await ada.publish({ content: 'old base', base: 0, key: '1' })
  expect(held).toMatchObject({ held: true, cursor: 4 })
  const answers = [held]
  for (let n = 5; n < 7; n++) {
    await ben.publish({ content: 'more', base: n - 1, key: `${n}` })
    answers.push(await ada.publish({ content: 'old base', base: n - 1, key: `again ${n}` }))
  }
  expect(answers.map(answer => 'floor' in answer && answer.floor?.name)).toEqual([false, false, 'Ada'])
})

test('[G1] a message is written after the appends it is made of', async () => {
  // Found by the simulation: a message outlived a crash and its append did not, so that repeating both sent it twice.
  const { append, ...sessions } = memorySessions()
  const log = memoryLog()
  const clock = virtualClock()
  const dead = new Promise<never>(() => {})
  const dying = await openHub({
    clock,
    log,
    sessions: { ...sessions, append: (...write) => (flushes ? append(...write) : dead) },
  })
  let flushes = true
  const { joinResult } = await dying.join({ username: 'Ada' })
  flushes = false
  const ada = dying.enter(joinResult.token)
  void ada.append({ text: 'once', key: 'append' })
  void ada.push({ key: 'push' })
  await clock.settle()

  const hub = await openHub({ clock, log, sessions: { ...sessions, append } })
  const again = hub.enter(joinResult.token)
  await Promise.all([again.append({ text: 'once', key: 'append' }), again.push({ key: 'push' })])
  expect((await log.messages('lobby', 0, 9)).map(({ content }) => content)).toEqual(['once'])
  expect(await again.preview()).toMatchObject({ draft: '' })
})

test('[R1] a session snapshot has the messages that the answer of a push gave', async () => {
  const logs = { log: memoryLog(), sessions: memorySessions(), snapshotEvery: { records: 3, facts: 2 } }
  const policy = { room: () => ({ policy: 'annotate' as const }), limits: () => ({}) }
  const hub = await openHub({ ...logs, policy, clock: virtualClock() })
  const [ada, ben] = [await hub.join({ username: 'Ada' }), await hub.join({ username: 'Ben' })]
  await ben.publish({ content: 'crossed', base: 0, key: 'b' })
  const sent = await ada.publish({ content: 'said', base: 0, key: 'a' })
  expect(sent.messages).toMatchObject([{ content: 'crossed' }])
  for (const text of ['all', ' that', ' follows']) await ada.append({ text })
  const after = await openHub({ ...logs, policy, clock: virtualClock() })
  expect(await after.enter(ada.joinResult.token).publish({ content: 'said', base: 0, key: 'a' })).toEqual(sent)
})

test('[W3] a message sent by a notification moves no cursor after a restart', async () => {
  const logs = { log: memoryLog(), sessions: memorySessions() }
  const hub = await openHub({ ...logs, clock: virtualClock() })
  const [ada, ben] = [await hub.join({ username: 'Ada' }), await hub.join({ username: 'Ben' })]
  const ignore = () => {}
  const stream = await ada.subscribe({ messages: () => true, missed: ignore, presence: ignore, ended: ignore })
  stream.resume()
  await ben.publish({ content: 'seen on the stream', base: 0, key: 'b' })
  await ada.publish({ content: 'and known', base: 1, key: 'a' }, { notification: true })
  const after = await openHub({ ...logs, clock: virtualClock() })
  const again = after.enter(ada.joinResult.token)
  expect((await again.preview()).messages).toMatchObject([{ content: 'seen on the stream' }])
})

test.each([1, 1000])('[F1] a hold counts if its answer shows all messages, with %s texts in memory', async tail => {
  const policy = { room: () => ({ holds_for_floor: 1 }), limits: () => ({}) }
  const hub = await openHub({ clock: virtualClock(), tail, policy })
  const [ada, ben] = [await hub.join({ username: 'Ada' }), await hub.join({ username: 'Ben' })]
  for (const key of ['1', '2', '3', '4']) await ben.publish({ content: key, base: Number(key) - 1, key })
  expect(await ada.publish({ content: 'x', base: 0, key: 'x' })).toMatchObject({ held: true, floor: { name: 'Ada' } })
})

/** Opens a hub with Ada and Ben, in which each later session write waits for `write()`. */
async function slowlyWritten() {
  const clock = virtualClock()
  const log = memoryLog()
  const right = memorySessions()
  const waiting: (() => void)[] = []
  const sessions: SessionLog = {
    ...right,
    append: async (...written) => {
      await new Promise<void>(write => waiting.push(write))
      return right.append(...written)
    },
  }
  const write = () => waiting.shift()?.()
  const hub = await openHub({ clock, log, sessions })
  const joining = [hub.join({ username: 'Ada' }), hub.join({ username: 'Ben' })] as const
  await clock.settle()
  while (waiting.length > 0) {
    write()
    await clock.settle()
  }
  const [ada, ben] = await Promise.all(joining)
  return { clock, log, ada, ben, write }
}

test('[G1] an answer waits until the cursor it depends on is written', async () => {
  const { clock, ada, ben, write } = await slowlyWritten()
  void ben.publish({ content: 'hello', base: 0, key: 'k' })
  await clock.settle()
  void ada.preview()
  let answered: unknown
  void ada.preview({ after: 0 }).then(answer => {
    answered = answer
  })
  await clock.settle()
  // If it were answered and the hub died before the first preview is written, the message would be given again.
  expect(answered).toBeUndefined()
  write()
  await clock.settle()
  expect(answered).toMatchObject({ messages: [{ content: 'hello' }], cursor: 1 })
})

test('[G1] `resume` waits until the draft is persisted', async () => {
  const { clock, ada, write } = await slowlyWritten()
  void ada.append({ text: 'not written yet' })
  let answered: unknown
  const resuming = ada.resume().then(({ suffix }) => {
    answered = suffix
  })
  await clock.settle()
  expect(answered).toBeUndefined()
  write()
  await resuming
  expect(answered).toBe('not written yet')
})

test('[P4] a push waits until the keys of earlier calls are persisted', async () => {
  const { clock, log, ada, write } = await slowlyWritten()
  void ada.append({ text: 'once', key: 'a' })
  const pushing = ada.push({ key: 'p' })
  await clock.settle()
  // If it were sent and the hub died, the append, repeated under its key, would send the text again.
  expect(await log.messages('lobby', 0, 9)).toEqual([])
  write()
  await clock.settle()
  expect(await log.messages('lobby', 0, 9)).toMatchObject([{ content: 'once' }])
  write()
  expect(await pushing).toMatchObject({ status: 1, seq: 1 })
})

test('[C2] a later check ends an earlier one at once, also while a push waits', async () => {
  const policy = { room: () => ({ holds_for_floor: 1 }), limits: () => ({}) }
  const hub = await openHub({ clock: virtualClock(), policy })
  const [ada, ben] = [await hub.join({ username: 'Ada' }), await hub.join({ username: 'Ben' })]
  await ada.publish({ content: 'one', base: 0, key: '1' })
  await ben.publish({ content: 'two', base: 0, key: '2' })
  void ada.publish({ content: 'waits for the floor of Ben', base: 1, key: '3' })
  const earlier = ada.check()
  void ada.check()
  expect(await earlier).toMatchObject({ status: 0, messages: [] })
})

test('[R1] a repeated notification gets the same answer while it waits and later', async () => {
  const policy = { room: () => ({ holds_for_floor: 1 }), limits: () => ({}) }
  const hub = await openHub({ clock: virtualClock(), policy })
  const [ada, ben] = [await hub.join({ username: 'Ada' }), await hub.join({ username: 'Ben' })]
  await ada.publish({ content: 'one', base: 0, key: '1' })
  await ben.publish({ content: 'held', base: 0, key: '1' })
  void ada.publish({ content: 'two', base: 1, key: '2' }, { notification: true })
  const meanwhile = ada.publish({ content: 'two', base: 1, key: '2' })
  ben.yield()
  expect(await meanwhile).toMatchObject({ status: 1, seq: 2, cursor: 2 })
  expect(await ada.publish({ content: 'two', base: 1, key: '2' })).toEqual(await meanwhile)
})

test('[G1] a check that a later one ends waits until its cursor is written', async () => {
  const { clock, ada, ben, write } = await slowlyWritten()
  const ignore = () => {}
  const stream = await ada.subscribe({ messages: () => true, missed: ignore, presence: ignore, ended: ignore })
  stream.resume()
  void ben.publish({ content: 'seen on the stream', base: 0, key: 'k' })
  await clock.settle()
  const answered: unknown[] = []
  void ada.check({ after: 1 }).then(answer => answered.push(answer))
  await clock.settle()
  void ada.check({ timeout_ms: 0 })
  await clock.settle()
  expect(answered).toEqual([])
  for (let writes = 0; writes < 3; writes++) {
    write()
    await clock.settle()
  }
  expect(answered).toMatchObject([{ status: 0, cursor: 1 }])
})
