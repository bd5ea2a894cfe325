import type { SessionLog, SessionRecord } from '@midsentence/core'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { opened } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { verifyInProcess } from './copies/verify-in-process.ts'
import { readSessionRows } from './session-log.ts'
import { Environment } from './storage/environment.ts'
import { readHeads } from './storage/heads.ts'

const acted = (session_id: string, given: number): SessionRecord => ({
  session_id,
  fact: { type: 'acted', push: 1, given },
})
const ended = (session_id: string): SessionRecord => ({ session_id, fact: { type: 'closed' } })
const summary = (session_id: string): SessionRecord => ({
  session_id,
  fact: {
    type: 'snapshot',
    session: { session_id, proof: 'p', room: 'lobby', sender_id: session_id, log: 'x' },
    ...{ opened: 0, push: 1, draft: [], given: 0, kept: [] },
  },
})

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

async function freshSessions() {
  const directory = freshFolder(onTestFinished)
  const store = await opened(directory, onTestFinished)
  /** Returns the sessions of the rows that are on disk, with the number of records in each. */
  const rows = async (room: string) => {
    const environment = await Environment.open(directory, true)
    const found = readSessionRows({ environment }, room)
    await environment.close()
    return found.map(({ records }) => `${records[0]!.session_id}${records.length}`)
  }
  return { directory, store, sessions: store.sessions, rows }
}

const append = async (sessions: SessionLog, room: string, records: readonly SessionRecord[]) =>
  sessions.append(room, records, await sessions.head(room))

test('[K2] an append with another position than the head is refused and changes nothing', async () => {
  const { sessions } = await freshSessions()
  const start = await sessions.head('lobby')
  const first = await sessions.append('lobby', [acted('a', 1)], start)
  for (const stale of [start, 'elsewhere']) {
    const refused = sessions.append('lobby', [acted('a', 2)], stale)
    await expect(refused).rejects.toMatchObject({ code: 'unavailable', data: {} })
  }
  expect(await sessions.head('lobby')).toBe(first)
  const second = await sessions.append('lobby', [acted('a', 3), acted('b', 4)], first)
  // An append that leaves no record moves the head too.
  const third = await sessions.append('lobby', [ended('b')], second)
  expect(new Set([start, first, second, third]).size).toBe(4)
  expect(await all(sessions.read('lobby'))).toEqual([acted('a', 1), acted('a', 3)])
  expect(await sessions.append('other', [acted('c', 1)], await sessions.head('other'))).toBe(first)
})

test('a row holds consecutive records of one session, and goes when they are closed or summed up', async () => {
  const { sessions, rows, directory } = await freshSessions()
  await append(sessions, 'lobby', [acted('a', 1), acted('a', 2), acted('b', 1), acted('a', 3)])
  await append(sessions, 'lobby', [acted('b', 2)])
  expect(await rows('lobby')).toEqual(['a2', 'b1', 'a1', 'b1'])
  await append(sessions, 'lobby', [acted('a', 4), summary('a'), acted('a', 5)])
  expect(await rows('lobby')).toEqual(['b1', 'b1', 'a2'])
  await append(sessions, 'lobby', [acted('b', 3), ended('b')])
  expect(await rows('lobby')).toEqual(['a2'])
  expect(await all(sessions.read('lobby'))).toEqual([summary('a'), acted('a', 5)])
  expect((await verifyInProcess(directory)).problems).toEqual([])
})

test('rooms are those with an open session, also after a restart', async () => {
  const { sessions, store } = await freshSessions()
  for (const room of ['lobby', 'hall', 'attic']) await append(sessions, room, [acted(room, 1)])
  await append(sessions, 'hall', [ended('hall')])
  expect((await all(sessions.rooms())).sort()).toEqual(['attic', 'lobby'])
  await store.close()
  const again = await opened(store.directory, onTestFinished)
  expect((await all(again.sessions.rooms())).sort()).toEqual(['attic', 'lobby'])
  await again.sessions.append('hall', [acted('hall', 2)], await again.sessions.head('hall'))
  expect(await all(again.sessions.read('hall'))).toEqual([acted('hall', 2)])
})

test('[K5] rooms without open sessions leave nothing on disk: released ones at once, others when the store opens', async () => {
  const { sessions, store } = await freshSessions()
  const rooms = Array.from({ length: 200 }, (_, nth) => `room ${nth}`)
  for (const room of rooms) await append(sessions, room, [acted(room, 1), ended(room)])
  await append(sessions, 'lobby', [acted('lobby', 1)])
  const heads = async () => {
    const environment = await Environment.open(store.directory, true)
    const found = readHeads({ environment }, 'sessionHead').size
    await environment.close()
    return found
  }
  expect(await heads()).toBe(201)
  for (const room of [...rooms.slice(0, 100), 'lobby', 'never opened']) await sessions.release!(room)
  expect(await heads()).toBe(101)
  await append(sessions, 'room 0', [acted('room 0', 2)])
  expect(await all(sessions.read('room 0'))).toEqual([acted('room 0', 2)])
  await store.close()
  const again = await opened(store.directory, onTestFinished)
  expect(await heads()).toBe(2)
  await append(again.sessions, 'room 150', [acted('room 150', 3)])
  expect((await all(again.sessions.rooms())).sort()).toEqual(['lobby', 'room 0', 'room 150'])
  expect((await verifyInProcess(store.directory)).problems).toEqual([])
})

test('[K4] calls in progress at close end, later ones are refused', async () => {
  const { sessions } = await freshSessions()
  const first = await append(sessions, 'lobby', [acted('a', 1)])
  const inProgress = [sessions.append('lobby', [acted('a', 2)], first), sessions.head('lobby')]
  const closing = [sessions.close(), sessions.close()]
  expect((await Promise.allSettled(inProgress)).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  await Promise.all(closing)
  const later = [
    sessions.append('lobby', [acted('a', 3)], '2'),
    sessions.head('lobby'),
    all(sessions.read('lobby')),
    all(sessions.rooms()),
  ]
  for (const call of later) await expect(call).rejects.toMatchObject({ code: 'unavailable' })
})
