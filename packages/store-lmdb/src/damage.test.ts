import { copyFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { filled, flip, opened, said } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { Environment, put, removal } from './environment.ts'
import {
  aboutKey,
  countsKey,
  journalHeadKey,
  journalRecordKey,
  roomHeadKey,
  roomRecordKey,
  sessionHeadKey,
  sessionRecordKey,
} from './keys.ts'
import { type LmdbStore, lmdbStore } from './store.ts'
import { verifyStore } from './verify.ts'
import { verifyHere } from './verify-here.ts'

async function closedStore(): Promise<string> {
  const directory = freshFolder(onTestFinished)
  const store = await lmdbStore(directory)
  await filled(store)
  await store.close()
  return directory
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

const isDamage = { code: 'internal', message: expect.stringMatching(/^The store is damaged: .*midsentence verify/) }
const contents = async ({ log }: LmdbStore, after: number, limit: number) =>
  (await log.messages('lobby', after, limit)).map(({ content }) => content)

test('what was whole is whole: verify finds everything, and no problem', async () => {
  const directory = await closedStore()
  expect(await verifyStore(directory)).toEqual({
    rooms: 2,
    messages: 6,
    records: 7,
    sessions: 1,
    journals: 1,
    problems: [],
  })
})

test.each([
  ['"midsentence":"store"', 'what it is'],
  ['"rooms":2', 'how many rooms there are'],
  ['"number":0', 'the head of a room'],
  ['"kept":3', 'the head of the sessions'],
])('[G11] a flipped byte in %s: a store is not opened without %s', async (text, _what) => {
  const directory = await closedStore()
  expect(flip(directory, text)).toBeGreaterThan(0)
  await expect(lmdbStore(directory)).rejects.toMatchObject(isDamage)
  expect((await verifyHere(directory)).problems).not.toEqual([])
})

test('a flipped byte in a message: it is never given, nor passed over; what is whole is given', async () => {
  const directory = await closedStore()
  expect(flip(directory, 'message 3.')).toBeGreaterThan(0)
  const store = await opened(directory, onTestFinished)
  expect(await contents(store, 0, 2)).toEqual(['message 1.', 'message 2.'])
  expect(await contents(store, 3, 9)).toEqual(['message 4.', 'message 5.'])
  for (const [after, limit] of [
    [0, 3],
    [1, 99],
    [2, 1],
  ] as const)
    await expect(store.log.messages('lobby', after, limit)).rejects.toMatchObject(isDamage)
  await expect(all(store.log.records('lobby'))).rejects.toMatchObject(isDamage)
  expect((await verifyHere(directory)).problems).toHaveLength(1)
})

test.each([
  ['the floor of Ada', ({ log }: LmdbStore) => all(log.records('lobby'))],
  ['two ', ({ sessions }: LmdbStore) => all(sessions.read())],
  ['two ', ({ sessions }: LmdbStore) => sessions.append([{ session_id: 's', fact: { type: 'closed' } }])],
  ['another fact', (store: LmdbStore) => store.journal('Ada').read()],
])('a flipped byte in %s is told by whoever reads it', async (text, read) => {
  const directory = await closedStore()
  expect(flip(directory, text)).toBeGreaterThan(0)
  await expect(read(await opened(directory, onTestFinished))).rejects.toMatchObject(isDamage)
  expect((await verifyHere(directory)).problems).not.toEqual([])
})

test('of a damaged snapshot the one before takes the place; of two, none, since all of the log is there', async () => {
  const directory = await closedStore()
  const newest = async () => {
    const store = await lmdbStore(directory)
    const snapshot = await store.log.snapshots!.load('lobby')
    const records = await all(store.log.records('lobby', snapshot?.position))
    await store.close()
    return [snapshot?.state, records.length]
  }
  expect(await newest()).toEqual(['the newer snapshot', 2])
  flip(directory, 'the newer snapshot')
  expect(await newest()).toEqual(['the older snapshot', 3])
  flip(directory, 'the older snapshot')
  expect(await newest()).toEqual([undefined, 6])
})

test.each([
  ['a message in the middle', roomRecordKey(0, 2, 0)],
  ['the last message', roomRecordKey(0, 5, 0)],
  ['a floor', roomRecordKey(0, 2, 1)],
  ['a session’s first record', sessionRecordKey(1)],
  ['a session’s last record', sessionRecordKey(3)],
  ['the head of the sessions', sessionHeadKey],
  ['a fact', journalRecordKey(0, 1)],
  ['a room’s head', roomHeadKey('lobby')],
  ['a journal’s head', journalHeadKey('Ada')],
  ['how many there are', countsKey],
  ['what it is', aboutKey],
])('[G11] [K6] [J7] %s that is gone is missed, by whoever reads it and by verify', async (_what, key) => {
  const directory = await closedStore()
  const environment = new Environment(directory, false)
  await environment.write([removal(key)])
  await environment.close()
  const reads = async () => {
    const store = await opened(directory, onTestFinished)
    await all(store.log.records('lobby'))
    await store.log.messages('lobby', 0, 99)
    await all(store.sessions.read())
    await store.journal('Ada').read()
  }
  await expect(reads()).rejects.toMatchObject(isDamage)
  expect((await verifyHere(directory)).problems).not.toEqual([])
})

test('[G11] all sessions that are gone, head and all, are missed, as a flipped byte in a page of LMDB may have it', async () => {
  const directory = await closedStore()
  const environment = new Environment(directory, false)
  await environment.write([sessionHeadKey, ...[1, 2, 3].map(sessionRecordKey)].map(removal))
  await environment.close()
  await expect(lmdbStore(directory)).rejects.toMatchObject(isDamage)
  expect((await verifyHere(directory)).problems).toEqual(['The store is damaged: the head of the sessions is missing.'])
})

test('[G11] cut off anywhere, a file is refused by a sentence; it ends no process, and is not begun anew', async () => {
  const whole = await closedStore()
  const { size } = statSync(join(whole, 'data.mdb'))
  const refused: number[] = []
  for (const length of [0, 100, 5000, 8192, size - 8192]) {
    const directory = freshFolder(onTestFinished)
    copyFileSync(join(whole, 'data.mdb'), join(directory, 'data.mdb'))
    truncateSync(join(directory, 'data.mdb'), length)
    const store = await lmdbStore(directory).catch(error => error)
    if (store instanceof Error) {
      expect(store).toMatchObject({ code: 'internal' })
      refused.push(length)
      continue
    }
    // The last pages are those of an older state now and then: then all of this one is there.
    expect((await all(store.log.records('lobby'))).length).toBe(6)
    await store.close()
  }
  expect(refused).toEqual(expect.arrayContaining([0, 100, 5000, 8192]))
})

test.each(['dear diary', `${'x'.repeat(20_000)}`])('a file that is no store is left as it is (%#)', async content => {
  const directory = freshFolder(onTestFinished)
  writeFileSync(join(directory, 'data.mdb'), content)
  await expect(lmdbStore(directory)).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining(directory),
  })
  expect(readFileSync(join(directory, 'data.mdb'), 'utf8')).toBe(content)
})

test('where the disk has a room that its maker never wrote, verify says so', async () => {
  const directory = await closedStore()
  const environment = new Environment(directory, false)
  await environment.write([put(roomRecordKey(7, 1, 0), [1, said(1)])])
  await environment.close()
  expect((await verifyHere(directory)).problems).toEqual(['Of the records of kind roomRecord there are 8, not 7.'])
})

test('there is nothing to verify where there is no store', async () => {
  const directory = join(freshFolder(onTestFinished), 'nowhere')
  expect((await verifyStore(directory)).problems).toEqual([`There is no store in ${directory}.`])
  mkdirSync(directory)
  expect((await verifyStore(directory)).problems).toEqual([`There is no store in ${directory}.`])
})
