import { expect, test } from 'vitest'
import type { RoomLog, RoomRecord } from '../ports/room-log.ts'
import { MEMORY_BYTES, memoryLog } from './memory-log.ts'

const record = (seq: number): RoomRecord => ({
  type: 'message',
  message: { message_id: `m${seq}`, sender_id: 'ann', content: `${seq}`, timestamp: '2026-01-01T00:00:00.000Z', seq },
  session: 's',
  push: seq,
  key: `k${seq}`,
})
const granted: RoomRecord = { type: 'floor.granted', session: 's', name: 'ann' }

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

test('records and messages are read as written', async () => {
  const log = memoryLog()
  const first = await log.append('lobby', [record(1), granted], await log.head('lobby'))
  const second = await log.append('lobby', [record(2), record(3)], first)
  expect(await log.head('lobby')).toBe(second)
  expect(await all(log.records('lobby'))).toEqual([record(1), granted, record(2), record(3)])
  const seqs = async (after: number, limit: number) => (await log.messages('lobby', after, limit)).map(({ seq }) => seq)
  expect(await seqs(0, 100)).toEqual([1, 2, 3])
  expect(await seqs(1, 1)).toEqual([2])
  expect(await seqs(3, 100)).toEqual([])
})

test('a second writer is rejected by the expected position and changes nothing', async () => {
  const log = memoryLog()
  const empty = await log.head('lobby')
  await log.append('lobby', [record(1)], empty)
  await expect(log.append('lobby', [record(2), record(3)], empty)).rejects.toMatchObject({ code: 'unavailable' })
  expect(await all(log.records('lobby'))).toEqual([record(1)])
  expect(await log.head('lobby')).not.toBe(empty)
})

test('appends take effect in call order, also without awaiting', async () => {
  const log = memoryLog()
  const empty = await log.head('lobby')
  const won = log.append('lobby', [record(1)], empty)
  await expect(log.append('lobby', [record(9)], empty)).rejects.toMatchObject({ code: 'unavailable' })
  await log.append('lobby', [record(2)], await won)
  expect((await log.messages('lobby', 0, 9)).map(({ seq }) => seq)).toEqual([1, 2])
})

test('rooms are separate, and logs have different ids', async () => {
  const log = memoryLog()
  await log.append('one', [record(1)], await log.head('one'))
  expect(await all(log.records('two'))).toEqual([])
  expect(memoryLog().id).not.toBe(log.id)
  expect(memoryLog({ id: 'mine' }).id).toBe('mine')
})

test('a running reader sees the records from before its start', async () => {
  const log = memoryLog()
  const at = await log.append('lobby', [record(1), record(2)], await log.head('lobby'))
  const seen: number[] = []
  for await (const found of log.records('lobby')) {
    if (seen.push(found.type === 'message' ? found.push : 0) === 1) await log.append('lobby', [record(3)], at)
  }
  expect(seen).toEqual([1, 2])
})

test('after close every call is unavailable; close is idempotent', async () => {
  const log = memoryLog()
  await log.close()
  await log.close()
  await expect(log.head('lobby')).rejects.toMatchObject({ code: 'unavailable' })
  await expect(log.append('lobby', [record(1)], '0')).rejects.toMatchObject({ code: 'unavailable' })
  await expect(log.messages('lobby', 0, 1)).rejects.toMatchObject({ code: 'unavailable' })
  await expect(all(log.records('lobby'))).rejects.toMatchObject({ code: 'unavailable' })
})

test('[G8] close also closes its snapshots', async () => {
  const log = memoryLog()
  const snapshots = log.snapshots!
  const snapshot = { position: await log.head('lobby'), state: 'unused' }
  await snapshots.save('lobby', snapshot)
  expect(await snapshots.load('lobby')).toEqual(snapshot)
  await log.close()
  await expect(snapshots.load('lobby')).rejects.toMatchObject({ code: 'unavailable' })
  await expect(snapshots.save('lobby', snapshot)).rejects.toMatchObject({ code: 'unavailable' })
})

const long = (seq: number, length: number): RoomRecord => {
  const plain = record(seq) as Extract<RoomRecord, { type: 'message' }>
  return { ...plain, message: { ...plain.message, content: 'x'.repeat(length) } }
}

/** Appends `count` long messages to each room, as a hub does: with a snapshot whenever the log asks for one. */
async function grow(log: RoomLog, counts: Readonly<Record<string, number>>): Promise<void> {
  for (const [room, count] of Object.entries(counts)) {
    for (let seq = 1; seq <= count; seq++) {
      const position = await log.append(room, [long(seq, 10_000)], await log.head(room))
      if (log.snapshots!.due!(room)) await log.snapshots!.save(room, { position, state: {} })
    }
  }
}

const kept = async (log: RoomLog, room: string) => (await log.messages(room, 0, 1e6)).length

test('retention by bytes drops the oldest messages of the largest rooms, and not more than it must', async () => {
  const log = memoryLog({ retention: { bytes: 10e6 } })
  await grow(log, { small: 20, large: 3000 })
  expect(await kept(log, 'small')).toBe(20)
  const left = (await kept(log, 'large')) * 20_300
  expect(left).toBeLessThan(10e6)
  expect(left).toBeGreaterThan(6e6)
  expect((await log.messages('large', 0, 1e6)).at(-1)?.seq).toBe(3000)
  expect(await log.head('large')).toBe('3000')
  await expect(all(log.records('large', '5'))).rejects.toMatchObject({ code: 'unavailable' })
})

test('without retention the messages in memory stay below the default bound', async () => {
  const bounded = memoryLog({ retention: { bytes: 1e6 } })
  const unbounded = memoryLog({ retention: { bytes: Number.POSITIVE_INFINITY } })
  for (const log of [bounded, unbounded]) await grow(log, { large: 200 })
  expect(await kept(bounded, 'large')).toBeLessThan(50)
  expect(await kept(unbounded, 'large')).toBe(200)
  expect(MEMORY_BYTES).toBe(256e6)
})

test('retention by count and age removes what a snapshot covers, as the room grows', async () => {
  const log = memoryLog({ retention: { messages: 10 } })
  await grow(log, { large: 300 })
  expect(await kept(log, 'large')).toBeLessThan(70)
  let now = Date.parse('2026-01-01T00:00:01.000Z')
  const aged = memoryLog({ retention: { age_ms: 5000 }, now: () => now })
  const position = await aged.append('lobby', [granted, record(1), granted, record(2)], '0')
  await aged.snapshots!.save('lobby', { position, state: {} })
  expect(await all(aged.records('lobby'))).toHaveLength(4)
  now += 10_000
  await aged.snapshots!.save('lobby', { position, state: {} })
  expect(await all(aged.records('lobby'))).toEqual([record(2)])
  expect(await aged.messages('lobby', 0, 9)).toHaveLength(1)
})
