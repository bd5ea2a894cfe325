import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { filled, flip, opened, said } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { backupStore } from './backup.ts'
import { exportStore } from './export.ts'
import { importStore } from './import.ts'
import { type LmdbStore, lmdbStore } from './store.ts'
import { verifyHere } from './verify-here.ts'

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** All that a store holds. */
const contentOf = async ({ log, sessions, journal }: LmdbStore) => ({
  id: log.id,
  lobby: await all(log.records('lobby')),
  head: await log.head('lobby'),
  other: await all(log.records('another room')),
  snapshot: await log.snapshots!.load('lobby'),
  sessions: await all(sessions.read()),
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

test('a copy that is taken while others write is the store as it was in one moment', async () => {
  const { folder, directory, store } = await folderWithStore()
  const { log } = store
  let at = await log.head('lobby')
  let writing = true
  const written = (async () => {
    for (let seq = 6; writing; seq += 2) at = await log.append('lobby', [said(seq), said(seq + 1)], at)
  })()
  const report = await backupStore(directory, join(folder, 'copy'))
  const second = await backupStore(directory, join(folder, 'later'))
  writing = false
  await written
  expect(second.messages).toBeGreaterThanOrEqual(report.messages)
  const copy = await opened(join(folder, 'copy'), onTestFinished)
  const found = await log.messages('lobby', 0, report.messages - 1)
  expect(await copy.log.messages('lobby', 0, 1e9)).toEqual(found)
  // Appends are there as a whole.
  expect(found.length % 2).toBe(1)
  expect(copy.log.id).toBe(log.id)
  expect(readdirSync(folder).sort()).toEqual(['copy', 'later', 'rooms'])
})

test('nothing that is there is written over, and what is damaged is not copied', async () => {
  const { folder, directory, store } = await folderWithStore()
  await expect(backupStore(directory, directory)).rejects.toMatchObject({
    message: expect.stringContaining('is there already'),
  })
  await expect(backupStore(join(folder, 'nowhere'), join(folder, 'copy'))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('There is no store in'),
  })
  await store.close()
  flip(directory, 'message 3.')
  await expect(backupStore(directory, join(folder, 'copy'))).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('The copy is not whole'),
  })
  await expect(exported(directory)).rejects.toMatchObject({ code: 'internal' })
  expect(readdirSync(folder)).toEqual(['rooms'])
})

test('what was exported and imported is the same store, and goes on', async () => {
  const { folder, directory, store } = await folderWithStore()
  const lines = await exported(directory)
  expect(JSON.parse(lines.at(-1)!)).toEqual({ end: lines.length - 1 })
  const to = join(folder, 'imported')
  expect(await importStore(to, lines)).toBe(lines.length)
  const copy = await opened(to, onTestFinished)
  expect(await contentOf(copy)).toEqual(await contentOf(store))
  await copy.log.append('lobby', [said(6)], await copy.log.head('lobby'))
  await copy.close()
  expect((await verifyHere(to)).problems).toEqual([])
})

test('so is one whose rooms have let go of their oldest', async () => {
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
  ['cut off', lines => lines.slice(0, -1), /its end is missing/],
  ['without a line', lines => lines.filter(line => !line.includes('message 2.')), /Line \d+ .*comes 2, not 3/],
  [
    'without its last records',
    lines => lines.filter(line => !line.includes('message 5.')),
    /records of lobby are missing/,
  ],
  [
    'with a line torn',
    lines => lines.map((line, nth) => (nth === 4 ? line.slice(0, 20) : line)),
    /Line 5 .*no JSON object/,
  ],
  ['with a line of another kind', lines => lines.toSpliced(2, 0, '{"dear":"diary"}'), /Line 3 .*none of ours/],
  [
    'from a newer version',
    lines => lines.with(0, lines[0]!.replace('"version":1', '"version":2')),
    /newer midsentence/,
  ],
  ['that is none', () => ['{"dear":"diary"}'], /does not begin as an export/],
  ['that is empty', () => [], /its end is missing/],
])('an export %s is not taken, and leaves nothing behind', async (_what, change, sentence) => {
  const { folder, directory } = await folderWithStore()
  const to = join(folder, 'imported')
  const taking = importStore(to, change(await exported(directory)))
  await expect(taking).rejects.toMatchObject({ code: 'invalid-params', message: expect.stringMatching(sentence) })
  expect(readdirSync(folder)).toEqual(['rooms'])
})

test('an import takes no directory that is in use', async () => {
  const { folder, directory } = await folderWithStore()
  await expect(importStore(directory, await exported(directory))).rejects.toMatchObject({ code: 'unavailable' })
  expect(existsSync(join(folder, 'rooms.partial'))).toBe(false)
  await expect(lmdbStore(directory)).rejects.toMatchObject({ code: 'unavailable' })
})
