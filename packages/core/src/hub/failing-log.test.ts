import { newHub } from '@midsentence/testing/harness/hub-harness'
import { expect, test } from 'vitest'
import { MidsentenceError } from '../errors.ts'
import { memoryLog } from '../memory/memory-log.ts'
import { memorySessions } from '../memory/memory-sessions.ts'
import type { RoomLog } from '../ports/room-log.ts'
import type { SessionLog } from '../ports/session-log.ts'

const full = () => Promise.reject(new MidsentenceError('unavailable', 'The disk is full.'))

/** Opens a hub whose logs fail while `broken` says so. */
async function failing() {
  const [log, sessions] = [memoryLog(), memorySessions()]
  const broken = { log: false, sessions: false }
  const faults: string[] = []
  const hubs = await newHub({
    log: { ...log, append: (...write) => (broken.log ? full() : log.append(...write)) } satisfies RoomLog,
    sessions: {
      ...sessions,
      append: (...write) => (broken.sessions ? full() : sessions.append(...write)),
    } satisfies SessionLog,
    onFailure: error => faults.push(error.code),
  })
  return { ...hubs, log, sessions, broken, faults }
}

const unknown = { code: 'unavailable', data: { unknown: true } }

test('[G1] after a session log fails, no call is acknowledged, and the next hub has what the log has', async () => {
  const { hub, join, log, sessions, broken, faults, listen } = await failing()
  const [ada, bo] = [await join('Ada'), await join('Bo', 'elsewhere')]
  const received = await listen(bo)
  await ada.append({ text: 'kept ', key: '1' })
  const waiting = bo.check()
  broken.sessions = true
  await expect(ada.append({ text: 'lost', key: '2' })).rejects.toMatchObject(unknown)
  broken.sessions = false
  for (const call of [ada.preview(), ada.append({ text: 'x' }), bo.preview(), hub.join({ username: 'Cyd' })]) {
    await expect(call).rejects.toMatchObject(unknown)
  }
  expect(await waiting).toMatchObject({ status: 0 })
  expect([received.reason, faults]).toEqual([expect.stringContaining('could not write'), ['unavailable']])
  await hub.close()

  const { hub: after } = await newHub({ log, sessions })
  const again = after.enter(ada.joinResult.token)
  expect(await again.preview()).toMatchObject({ draft: 'kept ' })
  expect(await again.append({ text: 'lost', key: '2' })).toMatchObject({ status: 1, suffix: 'kept lost' })
  expect(await again.append({ text: 'kept ', key: '1' })).toMatchObject({ suffix: 'kept ' })
})

test('[Z4] a room log that fails ends its room and is reported once', async () => {
  const { join, broken, faults, say } = await failing()
  const [ada, bo] = [await join('Ada'), await join('Bo', 'elsewhere')]
  await ada.append({ text: 'x' })
  broken.log = true
  await expect(ada.push()).rejects.toMatchObject(unknown)
  broken.log = false
  await expect(ada.push()).rejects.toMatchObject(unknown)
  expect(await say(bo, 'here all is well')).toMatchObject({ status: 1 })
  expect(faults).toEqual(['unavailable'])
})

test('[P1] a message that was sent is acknowledged, although older ones cannot be read', async () => {
  const log = memoryLog()
  let broken = false
  const { join, say } = await newHub({
    log: { ...log, messages: (...page) => (broken ? full() : log.messages(...page)) },
    tail: 1,
    policy: { room: () => ({ policy: 'annotate' }), limits: () => ({}) },
  })
  const [ada, bo] = [await join('Ada'), await join('Bo')]
  for (const text of ['one', 'two', 'three']) await say(bo, text)
  broken = true
  const publish = { content: 'I say', base: 0, key: '1' }
  const sent = await ada.publish(publish)
  expect(sent).toMatchObject({ status: 1, seq: 4, crossed: [1, 2, 3], messages: [], cursor: 0, more: true })
  broken = false
  expect(await ada.publish(publish)).toMatchObject({ status: 1, seq: 4 })
  expect((await ada.preview()).messages.map(({ content }) => content)).toEqual(['one', 'two', 'three'])
})
