import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  journalRules,
  type RuleId,
  roomLogRules,
  rules,
  scoreLogRules,
  serverRules,
  sessionLogRules,
  toolsRules,
  transportRules,
} from '@midsentence/conformance'
import { draftRules, roomRules, textRules } from '@midsentence/conformance/functions'
import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import { ignoreUnhandledErrors, testCaught } from './mutants/expect-caught.ts'
import { fieldMutants } from './mutants/fields/fields.ts'
import {
  draftMutants,
  historyMutants,
  mutants,
  rightParts,
  roomMutants,
  storeMutants,
  textMutants,
  toolsMutants,
} from './mutants/mutants.ts'
import { moreBrokenServers } from './mutants/server/black-box-servers.ts'
import { rowsFor, rowsOf } from './mutants/table.ts'

ignoreUnhandledErrors()
testCaught([...draftMutants, ...roomMutants, ...textMutants, ...storeMutants, ...toolsMutants, ...historyMutants])

const everyRule = rules.map(({ id }) => id)

test.for(byTier([1], [1, 2, 3, 4, 5]))('no false alarm by seed %i', { timeout: 120_000 }, async seed => {
  for (const [part, brokenBy] of Object.entries(rightParts)) {
    expect(await brokenBy(everyRule, { runs: byTier(3, 10), seed }), part).toEqual([])
  }
})

test('every rule of the kit has a mutant that it catches', () => {
  const planted = [...mutants, ...moreBrokenServers, ...Object.values(fieldMutants).flat()]
  const covered = new Set<RuleId>(planted.map(({ breaks }) => breaks))
  const storeRules = [...roomLogRules, ...journalRules, ...sessionLogRules, ...scoreLogRules]
  const run = [
    ...transportRules,
    ...draftRules,
    ...roomRules,
    ...textRules,
    ...serverRules,
    ...toolsRules,
    ...storeRules,
  ]
  const uncovered = run.map(({ id }) => id).filter(id => !covered.has(id))
  expect(uncovered).toEqual([])
  expect(rules.length).toBeGreaterThan(uncovered.length)
})

test('docs/mutants.md lists the planted mutants', () => {
  const table = readFileSync(join(import.meta.dirname, '../docs/mutants.md'), 'utf8')
  expect(rowsOf(table)).toEqual(rowsFor(mutants))
})
