import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Retention, RoomLog } from '@midsentence/core'
import { newHub } from '@midsentence/testing/harness/hub-harness'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { opened, sentMessage } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { exportStore } from '../copies/export.ts'
import { importStore } from '../copies/import.ts'
import { verifyInProcess } from '../copies/verify-in-process.ts'
import { Environment } from '../storage/environment.ts'
import { readHeads } from '../storage/heads.ts'
import { keysOf } from '../storage/keys.ts'
import type { RoomHead } from './room-head.ts'
import { storedBytes } from './room-rows.ts'

const LONG = 20_000

/** Appends long messages to a room, as a hub does: with a snapshot whenever the log asks for one. */
async function grow(log: RoomLog, room: string, from: number, to: number): Promise<void> {
  for (let seq = from; seq <= to; seq++) {
    const position = await log.append(room, [sentMessage(seq, 'x'.repeat(LONG))], await log.head(room))
    if (log.snapshots!.due!(room)) await log.snapshots!.save(room, { position, state: {} })
  }
}

const kept = async (log: RoomLog, room: string) => (await log.messages(room, 0, 1e6)).length

/** The size of the data file after `count` long messages. */
async function fileSize(retention: Retention, count: number): Promise<number> {
  const directory = freshFolder(onTestFinished)
  const { log } = await opened(directory, onTestFinished, { retention })
  await grow(log, 'lobby', 1, count)
  return statSync(join(directory, 'data.mdb')).size
}

test('the data file stays near the bound under a steady load of long messages', async () => {
  expect(await fileSize({ bytes: 8e6 }, 1500)).toBeLessThan(2 * 8e6)
  expect(await fileSize({ messages: 100 }, 1500)).toBeLessThan(2 * (100 * LONG + 2 ** 21))
  // The same load without a bound.
  expect(await fileSize({}, 1500)).toBeGreaterThan(30e6)
})

test('the largest rooms lose their oldest messages first; small rooms and the newest messages stay', async () => {
  const directory = freshFolder(onTestFinished)
  const { log } = await opened(directory, onTestFinished, { retention: { bytes: 4e6 } })
  for (let nth = 0; nth < 10; nth++) await grow(log, `small ${nth}`, 1, 5)
  await grow(log, 'large', 1, 500)
  await grow(log, 'larger', 1, 900)
  for (let nth = 0; nth < 10; nth++) expect(await kept(log, `small ${nth}`)).toBe(5)
  const rest = (await kept(log, 'large')) + (await kept(log, 'larger'))
  expect(rest * LONG).toBeLessThan(4e6)
  expect(rest * LONG).toBeGreaterThan(1e6)
  expect((await log.messages('larger', 899, 1))[0]?.seq).toBe(900)
})

test('an unused room gives its messages, too: one snapshot covers them', async () => {
  const directory = freshFolder(onTestFinished)
  const before = await opened(directory, onTestFinished)
  await grow(before.log, 'idle', 1, 300)
  await before.log.snapshots!.save('idle', { position: await before.log.head('idle'), state: {} })
  await before.close()
  const { log } = await opened(directory, onTestFinished, { retention: { bytes: 2e6 } })
  await expect.poll(() => kept(log, 'idle')).toBeLessThan(100)
  expect((await log.messages('idle', 0, 99)).at(-1)?.seq).toBe(300)
})

test('the sizes in heads equal the rows on disk, also after removals, a restart and an import', async () => {
  const directory = freshFolder(onTestFinished)
  const first = await opened(directory, onTestFinished, { retention: { bytes: 2e6 } })
  for (const room of ['a', 'b']) await grow(first.log, room, 1, 200)
  await first.close()
  const lines: string[] = []
  await exportStore(directory, text => void lines.push(...text.trimEnd().split('\n')))
  const imported = join(freshFolder(onTestFinished), 'imported')
  await importStore(imported, lines)
  for (const path of [directory, imported]) {
    expect((await verifyInProcess(path)).problems).toEqual([])
    const environment = await Environment.open(path, true)
    const heads = readHeads<RoomHead>({ environment }, 'roomHead')
    const { from, to } = keysOf('roomRow')
    const rows = environment.range(from, to).reduce((sum, { length }) => sum + storedBytes(length), 0)
    await environment.close()
    expect([...heads.values()].reduce((sum, { bytes }) => sum + bytes, 0)).toBe(rows)
    expect(rows).toBeLessThan(2e6)
  }
})

test('a hub continues after retention by bytes: names the missed messages, sends nothing twice', async () => {
  const directory = freshFolder(onTestFinished)
  const run = async () => {
    const store = await opened(directory, onTestFinished, { retention: { bytes: 1e6 } })
    const { log, sessions } = store
    return { store, ...(await newHub({ log, sessions, tail: 1 })) }
  }
  const first = await run()
  const [ada, ben] = [await first.join('Ada'), await first.join('Ben')]
  for (let n = 1; n <= 200; n++) await ada.publish({ content: 'y'.repeat(LONG), base: 0, key: `k${n}` })
  expect(await kept(first.store.log, 'lobby')).toBeLessThan(100)
  await first.hub.close()
  await first.store.close()
  const second = await run()
  expect(
    await second.hub.enter(ada.joinResult.token).publish({ content: 'y'.repeat(LONG), base: 0, key: 'k200' }),
  ).toMatchObject({
    seq: 200,
  })
  const { missed } = await second.hub.enter(ben.joinResult.token).check()
  expect(missed?.from).toBe(1)
  await second.hub.close()
})
