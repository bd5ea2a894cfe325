import type { RoomRecord } from '@midsentence/core'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { granted, opened, sentMessage } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { Environment } from '../storage/environment.ts'
import { keysOf } from '../storage/keys.ts'
import { ROW_LENGTH } from './room-rows.ts'

/** Opens a store, appends `batches` to one room, and returns the number of records in each of its rows. */
async function storeWith(batches: readonly (readonly RoomRecord[])[]) {
  const directory = freshFolder(onTestFinished)
  const { log } = await opened(directory, onTestFinished)
  const positions = [await log.head('lobby')]
  for (const records of batches) positions.push(await log.append('lobby', records, positions.at(-1)!))
  const environment = await Environment.open(directory, true)
  onTestFinished(() => environment.close())
  const { from, to } = keysOf('roomRow')
  const rows = environment.range(from, to).map(({ value }) => (value() as [number, unknown[]])[1].length)
  return { log, positions, rows }
}

const kilobytes = (count: number) => 'x'.repeat(count * 1000)

test('an append is one row, split where it would exceed the maximum length', async () => {
  expect((await storeWith([[sentMessage(1), granted, sentMessage(2)], [granted], [sentMessage(3)]])).rows).toEqual([
    3, 1, 1,
  ])
  const long = [1, 2, 3, 4, 5].map(seq => sentMessage(seq, kilobytes(25)))
  expect((await storeWith([long])).rows).toEqual([2, 2, 1])
})

test('a record above the maximum length has a row to itself', async () => {
  const records = [sentMessage(1), sentMessage(2, kilobytes(ROW_LENGTH / 500)), sentMessage(3), granted]
  const { log, rows } = await storeWith([records])
  expect(rows).toEqual([1, 1, 2])
  expect(await log.messages('lobby', 0, 9)).toHaveLength(3)
})

test('[G5] reading starts and ends at any record inside rows', async () => {
  const batches = [
    [granted, granted, sentMessage(1)],
    [sentMessage(2), granted, granted, sentMessage(3)],
    [granted],
    [sentMessage(4), sentMessage(5)],
  ]
  const { log, positions } = await storeWith(batches)
  const records = batches.flat()
  for (const [nth, position] of positions.entries()) {
    const found: RoomRecord[] = []
    for await (const record of log.records('lobby', position)) found.push(record)
    expect(found).toEqual(batches.slice(nth).flat())
  }
  const messages = records.flatMap(record => (record.type === 'message' ? record.message : []))
  for (let after = 0; after <= 5; after++)
    for (let limit = 1; limit <= 5; limit++)
      expect(await log.messages('lobby', after, limit)).toEqual(messages.slice(after, after + limit))
})
