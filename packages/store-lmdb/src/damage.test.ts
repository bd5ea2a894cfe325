import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { filled, flip, opened, sentMessage, usedBytes } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { verifyStore } from './copies/verify.ts'
import { verifyInProcess } from './copies/verify-in-process.ts'
import { put, removal, type StoreChange } from './storage/change.ts'
import { Environment } from './storage/environment.ts'
import {
  countsKey,
  identityKey,
  journalHeadKey,
  journalRowKey,
  roomHeadKey,
  roomRowKey,
  sessionHeadKey,
  sessionRowKey,
} from './storage/keys.ts'
import { type LmdbStore, lmdbStore } from './store.ts'

async function closedStore(): Promise<string> {
  const directory = freshFolder(onTestFinished)
  const store = await lmdbStore(directory)
  await filled(store)
  await store.close()
  return directory
}

/** Changes a closed store below its checksums and heads. */
async function changed(directory: string, changes: readonly StoreChange[]): Promise<void> {
  const environment = await Environment.open(directory, false)
  await environment.write(changes)
  await environment.close()
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

const isDamage = { code: 'internal', message: expect.stringMatching(/^The store is damaged: .*midsentence verify/) }
const contents = async ({ log }: LmdbStore, after: number, limit: number) =>
  (await log.messages('lobby', after, limit)).map(({ content }) => content)

test('verify counts everything in an intact store and reports no problem', async () => {
  const directory = await closedStore()
  expect(await verifyStore(directory)).toEqual({
    rooms: 2,
    messages: 6,
    records: 7,
    sessions: 1,
    journals: 1,
    scoreRecords: 0,
    problems: [],
  })
})

test.each([
  ['the identity record', '"midsentence":"store"'],
  ['the counts record', '"rooms":2'],
  ['the head of a room', '"number":0'],
  ['the head of a room’s sessions', '"rows":3'],
])('[G11] a store does not open with a flipped byte in %s', async (_what, text) => {
  const directory = await closedStore()
  expect(flip(directory, text)).toBeGreaterThan(0)
  await expect(lmdbStore(directory)).rejects.toMatchObject(isDamage)
  expect((await verifyInProcess(directory)).problems).not.toEqual([])
})

test('[G11] a row with a flipped byte is neither returned nor skipped; intact rows are returned', async () => {
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
  expect((await verifyInProcess(directory)).problems).toHaveLength(1)
})

test.each([
  ['a floor', 'the floor of Ada', ({ log }: LmdbStore) => all(log.records('lobby'))],
  ['a session', 'two ', ({ sessions }: LmdbStore) => all(sessions.read('lobby'))],
  [
    'a session that closes',
    'two ',
    ({ sessions }: LmdbStore) => sessions.append('lobby', [{ session_id: 's', fact: { type: 'closed' } }], '3'),
  ],
  ['a journal', 'another fact', (store: LmdbStore) => store.journal('Ada').read()],
])('[G11] reading %s with a flipped byte fails', async (_what, text, read) => {
  const directory = await closedStore()
  expect(flip(directory, text)).toBeGreaterThan(0)
  await expect(read(await opened(directory, onTestFinished))).rejects.toMatchObject(isDamage)
  expect((await verifyInProcess(directory)).problems).not.toEqual([])
})

test('[G11] the older snapshot replaces a damaged one; without either, the whole log is read', async () => {
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
  ['a room’s first row', roomRowKey(0, 1, 0)],
  ['a row in the middle', roomRowKey(0, 3, 0)],
  ['the last row', roomRowKey(0, 4, 0)],
  ['a session’s first row', sessionRowKey(0, 1)],
  ['a session’s last row', sessionRowKey(0, 3)],
  ['the head of a room’s sessions', sessionHeadKey('lobby')],
  ['a row of a journal', journalRowKey(0, 1)],
  ['a room’s head', roomHeadKey('lobby')],
  ['a journal’s head', journalHeadKey('Ada')],
  ['the counts record', countsKey],
  ['the identity record', identityKey],
])('[G11] [K6] [J7] reading and verify both notice that %s is missing', async (_what, key) => {
  const directory = await closedStore()
  await changed(directory, [removal(key)])
  const reads = async () => {
    const store = await opened(directory, onTestFinished)
    await all(store.log.records('lobby'))
    await store.log.messages('lobby', 0, 99)
    await all(store.sessions.read('lobby'))
    await store.journal('Ada').read()
  }
  await expect(reads()).rejects.toMatchObject(isDamage)
  expect((await verifyInProcess(directory)).problems).not.toEqual([])
})

test('[G11] a store notices that all sessions are missing with their head, as after damage to one LMDB page', async () => {
  const directory = await closedStore()
  await changed(
    directory,
    [sessionHeadKey('lobby'), ...[1, 2, 3].map(position => sessionRowKey(0, position))].map(removal),
  )
  await expect(lmdbStore(directory)).rejects.toMatchObject(isDamage)
  expect((await verifyInProcess(directory)).problems).toEqual(['There are 0 entries of kind sessionHead instead of 1.'])
})

test('[G11] a store does not open if a damaged key hides the head of a journal from a search', async () => {
  const directory = await closedStore()
  const path = join(directory, 'data.mdb')
  const content = readFileSync(path)
  const key = sessionRowKey(0, 2)
  for (let at = content.indexOf(key); at >= 0; at = content.indexOf(key, at + 1)) content[at] = 0x61
  writeFileSync(path, content)
  await expect(lmdbStore(directory)).rejects.toMatchObject(isDamage)
})

test('[G11] a truncated file is refused with a sentence: it ends no process and is not overwritten', async () => {
  const whole = await closedStore()
  const size = usedBytes(readFileSync(join(whole, 'data.mdb')))
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
    // The last pages may belong to an older commit; then the newest one is complete.
    expect((await all(store.log.records('lobby'))).length).toBe(6)
    await store.close()
  }
  expect(refused).toEqual(expect.arrayContaining([0, 100, 5000, 8192]))
})

test.each(['dear diary', `${'x'.repeat(20_000)}`])(
  'a file that is not a store is refused and left unchanged (%#)',
  async content => {
    const directory = freshFolder(onTestFinished)
    writeFileSync(join(directory, 'data.mdb'), content)
    await expect(lmdbStore(directory)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining(directory),
    })
    expect(readFileSync(join(directory, 'data.mdb'), 'utf8')).toBe(content)
  },
)

test('verify reports a row that no head accounts for', async () => {
  const directory = await closedStore()
  await changed(directory, [put(roomRowKey(7, 1, 0), [1, [sentMessage(1)]])])
  expect((await verifyInProcess(directory)).problems).toEqual(['There are 5 entries of kind roomRow instead of 4.'])
})

test('verify reports that a directory has no store', async () => {
  const directory = join(freshFolder(onTestFinished), 'nowhere')
  expect((await verifyStore(directory)).problems).toEqual([`There is no store in ${directory}.`])
  mkdirSync(directory)
  expect((await verifyStore(directory)).problems).toEqual([`There is no store in ${directory}.`])
})
