import { readFileSync } from 'node:fs'
import { node } from '@midsentence/testing/node-process'
import { expect, test } from 'vitest'

interface ReportRow {
  readonly policy: string
  readonly crossed: number
}

const file = new URL('../docs/arena/results.ndjson', import.meta.url)
const results = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): ReportRow => JSON.parse(line))

test('the tables and charts of docs/arena.md are those of its results', async () => {
  const { code, stderr } = await node(['scripts/arena/write.mjs', '--check']).ended
  expect([code, stderr]).toEqual([0, ''])
})

test('[H1] no run of the report crosses, or is stale, in a room that holds', () => {
  const held = results.filter(({ policy }) => policy.startsWith('hold'))
  expect(held.length).toBeGreaterThan(200)
  expect(held.filter(({ crossed }) => crossed > 0)).toEqual([])
})
