import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { filled, flip, opened, sentMessage } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { type LmdbStore, lmdbStore } from '../store.ts'
import { backupStore } from './backup.ts'
import { exportStore } from './export.ts'
import { importStore } from './import.ts'
import { verifyInProcess } from './verify-in-process.ts'

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** The whole content of a store. */
const contentOf = async ({ log, sessions, journal }: LmdbStore) => ({
  id: log.id,
  lobby: await all(log.records('lobby')),
  head: await log.head('lobby'),
  other: await all(log.records('another room')),
  snapshot: await log.snapshots!.load('lobby'),
  sessions: await all(sessions.read('lobby')),
  journal: await journal('Ada').read(),
})

async function exported(directory: string): Promise<string[]> {
  let text = ''
  await exportStore(directory, more => {
    text += more
  })
  return text.trimEnd().split('\n')
}

async function folderWithStore() {
  const folder = freshFolder(onTestFinished)
  const directory = join(folder, 'rooms')
  const store = await opened(directory, onTestFinished)
  await filled(store)
  return { folder, directory, store }
}

test('a backup during writes is the store as of one moment', async () => {
  const { folder, directory, store } = await folderWithStore()
  const { log } = store
  let at = await log.head('lobby')
  let writing = true
  const written = (async () => {
    for (let seq = 6; writing; seq += 2) at = await log.append('lobby', [sentMessage(seq), sentMessage(seq + 1)], at)
  })()
  const report = await backupStore(directory, join(folder, 'copy'))
  const second = await backupStore(directory, join(folder, 'later'))
  writing = false
  await written
  expect(second.messages).toBeGreaterThanOrEqual(report.messages)
  const copy = await opened(join(folder, 'copy'), onTestFinished)
  const found = await log.messages('lobby', 0, report.messages - 1)
  expect(await copy.log.messages('lobby', 0, 1e9)).toEqual(found)
  // Each append is copied whole: the first five messages, then two at a time.
  expect(found.length % 2).toBe(1)
  expect(copy.log.id).toBe(log.id)
  expect(readdirSync(folder).sort()).toEqual(['copy', 'later', 'rooms'])
})

test('a backup overwrites nothing and refuses a damaged store', async () => {
  const { folder, directory, store } = await folderWithStore()
  await expect(backupStore(directory, directory)).rejects.toMatchObject({
    message: expect.stringContaining('already exists'),
  })
  await expect(backupStore(join(folder, 'nowhere'), join(folder, 'copy'))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('There is no store in'),
  })
  await store.close()
  flip(directory, 'message 3.')
  await expect(backupStore(directory, join(folder, 'copy'))).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('The copy is damaged'),
  })
  await expect(exported(directory)).rejects.toMatchObject({ code: 'internal' })
  expect(readdirSync(folder)).toEqual(['rooms'])
})

test('an imported export equals the store and accepts appends', async () => {
  const { folder, directory, store } = await folderWithStore()
  const lines = await exported(directory)
  expect(JSON.parse(lines.at(-1)!)).toEqual({ end: lines.length - 1 })
  const to = join(folder, 'imported')
  expect(await importStore(to, lines)).toBe(lines.length)
  const copy = await opened(to, onTestFinished)
  expect(await contentOf(copy)).toEqual(await contentOf(store))
  await copy.log.append('lobby', [sentMessage(6)], await copy.log.head('lobby'))
  await copy.close()
  expect((await verifyInProcess(to)).problems).toEqual([])
})

test('an imported export of a room after retention equals the store', async () => {
  const folder = freshFolder(onTestFinished)
  const store = await opened(join(folder, 'rooms'), onTestFinished, { retention: { messages: 2 } })
  await filled(store)
  await store.log.snapshots!.save('lobby', { position: await store.log.head('lobby'), state: 'the newest snapshot' })
  const first = (await store.log.messages('lobby', 0, 99))[0]!.seq
  expect(first).toBeGreaterThan(1)
  const to = join(folder, 'imported')
  await importStore(to, await exported(store.directory))
  const copy = await opened(to, onTestFinished)
  expect(await contentOf(copy)).toEqual(await contentOf(store))
  expect((await copy.log.messages('lobby', 0, 99))[0]!.seq).toBe(first)
})

test.each<[string, (lines: string[]) => string[], RegExp]>([
  ['that is cut off', lines => lines.slice(0, -1), /its end is missing/],
  [
    'that lacks a line',
    lines => lines.filter(line => !line.includes('message 2.')),
    /Line \d+ .*Message 3 cannot follow message 1/,
  ],
  [
    'that lacks its last records',
    lines => lines.filter(line => !line.includes('message 5.')),
    /records of lobby are missing/,
  ],
  [
    'with a torn line',
    lines => lines.map((line, nth) => (nth === 4 ? line.slice(0, 20) : line)),
    /Line 5 .*not a JSON object/,
  ],
  ['with a line of an unknown kind', lines => lines.toSpliced(2, 0, '{"dear":"diary"}'), /Line 3 .*kind is unknown/],
  [
    'from a newer version',
    lines => lines.with(0, lines[0]!.replace('"version":1', '"version":2')),
    /newer midsentence/,
  ],
  ['that is other JSON', () => ['{"dear":"diary"}'], /not the first line of an export/],
  ['that is empty', () => [], /its end is missing/],
])('an export %s is refused and leaves no directory', async (_what, change, sentence) => {
  const { folder, directory } = await folderWithStore()
  const to = join(folder, 'imported')
  const taking = importStore(to, change(await exported(directory)))
  await expect(taking).rejects.toMatchObject({ code: 'invalid-params', message: expect.stringMatching(sentence) })
  expect(readdirSync(folder)).toEqual(['rooms'])
})

test('an import refuses a directory that is not empty', async () => {
  const { folder, directory } = await folderWithStore()
  await expect(importStore(directory, await exported(directory))).rejects.toMatchObject({ code: 'unavailable' })
  expect(existsSync(join(folder, 'rooms.partial'))).toBe(false)
  await expect(lmdbStore(directory)).rejects.toMatchObject({ code: 'unavailable' })
})

test('an import never replaces a directory that another process filled meanwhile', async () => {
  const { folder, directory } = await folderWithStore()
  const target = join(folder, 'imported')
  const lines = await exported(directory)
  let other: LmdbStore | undefined
  async function* slowly() {
    for (const line of lines) {
      // A server starts there.
      other ??= await opened(target, onTestFinished)
      yield line
    }
  }
  await expect(importStore(target, slowly())).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('imported already exists'),
  })
  const id = other!.log.id
  await other!.close()
  expect((await opened(target, onTestFinished)).log.id).toBe(id)
  expect(readdirSync(folder).sort()).toEqual(['imported', 'rooms'])
})

test('of two imports and two backups into one directory, one succeeds and the others say so', async () => {
  const { folder, directory, store } = await folderWithStore()
  const lines = await exported(directory)
  const [imported, copied] = [join(folder, 'imported'), join(folder, 'copy')]
  const outcomes = await Promise.allSettled([
    importStore(imported, lines),
    importStore(imported, lines),
    backupStore(directory, copied),
    backupStore(directory, copied),
  ])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason.message).toMatch(/(imported|copy) already exists/)
  }
  for (const path of [imported, copied]) expect((await opened(path, onTestFinished)).log.id).toBe(store.log.id)
  expect(readdirSync(folder).sort()).toEqual(['copy', 'imported', 'rooms'])
})
