import type { ScoreRecord } from '@midsentence/core'
import { prop } from '@midsentence/testing/properties'
import { simulatedScore } from '@midsentence/testing/score/simulated-score'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldScore } from './fold.ts'
import { isScoreRecord, parseScore } from './read-file.ts'

prop(
  'a file has the records that were written to it',
  [fc.integer(), fc.constantFrom('\n', '\r\n', '\n\n')],
  (seed, end) => {
    const records = simulatedScore({ records: 60, seed })
    expect(parseScore(records.map(record => JSON.stringify(record) + end).join(''))).toEqual(records)
  },
)

const anyValue = fc.oneof(fc.constant('P1'), fc.nat(5), fc.jsonValue({ maxDepth: 2 }))
const anyChange = fc.record({
  member: fc.constantFrom('type', 'sender_id', 'text', 'base', 'seq', 'draft', 'participants', 'message', 'at', 'head'),
  value: anyValue,
  nth: fc.nat(59),
})

prop(
  'a damaged record is skipped or folded, and breaks nothing',
  [fc.integer(), fc.array(anyChange)],
  (seed, changes) => {
    const records = simulatedScore({ records: 60, seed }).map(record => ({ ...record }) as Record<string, unknown>)
    for (const { member, value, nth } of changes) records[nth]![member] = value
    const kept = records.filter(record => isScoreRecord(record)) as unknown as ScoreRecord[]
    expect(foldScore(kept).positions.length).toBeLessThanOrEqual(records.length)
    for (const record of [null, 1, [], {}, { type: 'toString', position: 1, head: 0, at: '2026-11-29T09:00:00Z' }]) {
      expect(isScoreRecord(record)).toBe(false)
    }
  },
)

test('a file without records says so', () => {
  expect(() => parseScore('')).toThrow('This file has no records of a score.')
  expect(() => parseScore('{"type":"stopped"}')).toThrow('This file has no records of a score.')
  expect(() => parseScore('{}\n<html>')).toThrow('Line 2 is no JSON.')
})
