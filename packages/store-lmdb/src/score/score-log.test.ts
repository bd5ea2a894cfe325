import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ScoreRecord } from '@midsentence/core'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { opened, sentMessage } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { backupStore } from '../copies/backup.ts'
import { exportStore } from '../copies/export.ts'
import { importStore } from '../copies/import.ts'

const at = '2026-01-01T00:00:00.000Z'
const state = (position: number): ScoreRecord => ({ position, at, head: 0, type: 'state', participants: [] })
const appended = (position: number, text: string): ScoreRecord => ({
  ...{ position, at, head: 0, type: 'appended', sender_id: 'Ada', base: 0 },
  text,
})

async function newStore(options = {}) {
  const folder = freshFolder(onTestFinished)
  const directory = join(folder, 'rooms')
  return { folder, directory, store: await opened(directory, onTestFinished, options) }
}

test('[I8] [I11] above the maximum of all scores, the largest lose their oldest records, up to a state', async () => {
  const { store } = await newStore({ scoreBytes: 50_000 })
  const { scores } = store
  await scores.append('small', [state(1), appended(2, 'kept')])
  const writes: Promise<void>[] = []
  for (let position = 1; position < 600; position += 3) {
    writes.push(scores.append('large', [state(position), appended(position + 1, 'x'.repeat(1000))]))
    writes.push(scores.append('large', [appended(position + 2, 'y'.repeat(1000))]))
    if (position % 30 === 1) await Promise.all(writes)
  }
  await Promise.all(writes)
  await scores.append('large', [state(601)])
  expect(await scores.read('small', 0, 9)).toHaveLength(2)
  const kept = await scores.read('large', 0, 1e6)
  expect(kept.length).toBeGreaterThan(20)
  expect(kept.length).toBeLessThan(75)
  expect(kept[0]!.type).toBe('state')
  expect(kept.at(-1)!.position).toBe(601)
})

test('a store without scores has no directory for them, and one with scores keeps it to its owner', async () => {
  const { directory, store } = await newStore()
  expect(await store.scores.read('lobby', 0, 9)).toEqual([])
  expect(existsSync(join(directory, 'score'))).toBe(false)
  await store.scores.append('lobby', [state(1)])
  const modes = ['score', 'score/data.mdb'].map(path => statSync(join(directory, path)).mode & 0o77)
  if (process.platform !== 'win32') expect(modes).toEqual([0, 0])
})

test('a score is in no backup, and in an export', async () => {
  const { folder, directory, store } = await newStore()
  await store.log.append('lobby', [sentMessage(1)], await store.log.head('lobby'))
  const records = [state(1), appended(2, 'undone \ud800'), state(3), appended(4, 'more')]
  await store.scores.append('lobby', records.slice(0, 2))
  await store.scores.append('lobby', records.slice(2))
  await backupStore(directory, join(folder, 'backup'))
  expect(existsSync(join(folder, 'backup', 'score'))).toBe(false)
  let text = ''
  await exportStore(directory, more => {
    text += more
  })
  const lines = text.trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line)).filter(line => 'score' in line)).toEqual(
    records.map(score => ({ score, in: 'lobby' })),
  )
  await importStore(join(folder, 'imported'), lines)
  const copy = await opened(join(folder, 'imported'), onTestFinished)
  expect(await copy.scores.read('lobby', 0, 9)).toEqual(records)
  // Each state begins a group, also in the copy.
  await copy.scores.trim('lobby', Date.parse(at) + 1)
  expect(await copy.scores.end('lobby')).toEqual({ position: 4 })
})

test('a score that cannot be opened fails by itself: messages are written', async () => {
  const { directory, store } = await newStore()
  mkdirSync(join(directory, 'score'))
  writeFileSync(join(directory, 'score', 'data.mdb'), 'no store')
  await expect(store.scores.append('lobby', [state(1)])).rejects.toMatchObject({ code: 'internal' })
  await store.log.append('lobby', [sentMessage(1)], await store.log.head('lobby'))
  expect(await store.log.messages('lobby', 0, 9)).toHaveLength(1)
})

test('[I10] an erased score of texts beyond ASCII has no records left', async () => {
  const { store } = await newStore()
  await store.scores.append('lobby', [appended(1, 'ộ 🦊')])
  expect([await store.scores.erase('lobby'), await store.scores.erase('lobby')]).toEqual([true, false])
})
