import { testScoreLog } from '@midsentence/conformance'
import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import type { ScoreRecord } from '../score/records.ts'
import { memoryScores } from './memory-scores.ts'

testScoreLog(
  'scores in memory',
  () => {
    const log = memoryScores()
    return { open: () => log, close: () => log.close() }
  },
  { runs: byTier(50, 1000) },
)

const at = '2026-01-01T00:00:00.000Z'
const state = (position: number): ScoreRecord => ({ position, at, head: 0, type: 'state', participants: [] })
const appended = (position: number): ScoreRecord => ({
  ...{ position, at, head: 0, type: 'appended', sender_id: 'Ada', base: 0 },
  text: 'x'.repeat(1000),
})

test('[I8] [I11] the largest scores lose their oldest records first, up to a state', async () => {
  const log = memoryScores({ bytes: 50_000 })
  await log.append('small', [state(1), appended(2)])
  for (let position = 1; position < 1000; position += 3) {
    await log.append('large', [state(position), appended(position + 1)])
    await log.append('large', [appended(position + 2)])
  }
  expect(await log.read('small', 0, 9)).toHaveLength(2)
  const kept = await log.read('large', 0, 1e6)
  expect(kept.length).toBeGreaterThan(30)
  expect(kept.length).toBeLessThan(75)
  expect(kept[0]!.type).toBe('state')
  expect(kept.at(-1)!.position).toBe(999)
})
