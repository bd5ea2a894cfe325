import { rules } from '@midsentence/conformance'
import { expect, test } from 'vitest'
import { ignoreUnhandledErrors, inOrder, tries } from './mutants/expect-caught.ts'
import { mutants, rightParts } from './mutants/mutants.ts'
import { type CaughtMutant, mutantTable } from './mutants/table.ts'

ignoreUnhandledErrors()

const everyRule = rules.map(({ id }) => id)
const fifty = Array.from({ length: 50 }, (_, at) => at + 1)

test('each mutant breaks its rule, and the table is up to date', { timeout: 1_800_000 }, async () => {
  const caught: CaughtMutant[] = []
  for (const mutant of mutants) {
    const named = await mutant.brokenBy([mutant.breaks], { runs: tries, seed: 1 })
    const others = everyRule.filter(id => id !== mutant.breaks)
    const besides = await mutant.brokenBy(others, { runs: 40, seed: 1 })
    caught.push({ mutant, broken: inOrder([...named, ...besides], everyRule) })
  }
  expect(
    caught.filter(({ mutant, broken }) => !broken.includes(mutant.breaks)).map(({ mutant }) => mutant.name),
  ).toEqual([])
  expect(caught.length).toBeGreaterThanOrEqual(30)
  expect(caught.filter(({ broken }) => broken.length === 1).length).toBeGreaterThanOrEqual(20)
  await expect(mutantTable(caught)).toMatchFileSnapshot('../docs/mutants.md')
})

test.for(fifty)('no false alarm by seed %i of fifty', async seed => {
  for (const [part, brokenBy] of Object.entries(rightParts)) {
    expect(await brokenBy(everyRule, { runs: 40, seed }), part).toEqual([])
  }
})
