import { serverRules } from '@midsentence/conformance'
import { expect, test } from 'vitest'
import { wireFields } from './mutants/fields/wire-fields.ts'
import { moreBrokenServers } from './mutants/server/black-box-servers.ts'
import { hushServers } from './mutants/server/hush-servers.ts'
import { brokenNames } from './mutants/server/name-servers.ts'
import { scoreServers } from './mutants/server/score-servers.ts'
import { serverWith } from './mutants/server/server-harness.ts'
import { brokenServers } from './mutants/server/servers.ts'
import { brokenWriting } from './mutants/server/writing-servers.ts'

test.for(moreBrokenServers)('caught: $name', { timeout: 60_000 }, async ({ breaks, bug }) => {
  const rules = serverRules.filter(({ id }) => id === breaks)
  expect(rules).toHaveLength(1)
  const [rule] = rules
  await expect(rule!.run(serverWith(bug), { runs: 2000, seed: 1, shrink: false })).rejects.toThrow()
})

test('every black-box rule has a mutant that it catches', () => {
  const planted = [
    ...brokenServers,
    ...brokenWriting,
    ...hushServers,
    ...brokenNames,
    ...scoreServers,
    ...moreBrokenServers,
    ...wireFields,
  ]
  const covered = new Set(planted.map(({ breaks }) => breaks))
  expect(serverRules.map(({ id }) => id).filter(id => !covered.has(id))).toEqual([])
})
