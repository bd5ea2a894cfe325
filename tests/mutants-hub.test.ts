import { hubRules, type RuleId, type RunOptions } from '@midsentence/conformance'
import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import { brokenHubs, hubWith } from './mutants/hubs.ts'

/** Tests the kit itself: it catches broken hubs, and reports nothing else. */

const seeds = byTier([1], [1, 2, 3, 4, 5])
const tries = 1000

async function brokenBy(
  harness: ReturnType<typeof hubWith>,
  among: readonly RuleId[],
  options: RunOptions,
): Promise<RuleId[]> {
  const failed: RuleId[] = []
  for (const { id, run } of hubRules) {
    if (among.includes(id)) await run(harness, { ...options, shrink: false }).catch(() => failed.push(id))
  }
  return failed
}

test.for(brokenHubs)('caught: $name', { timeout: 300_000 }, async ({ breaks, bug }) => {
  for (const seed of seeds) {
    const failed = await brokenBy(hubWith(bug), [breaks], { runs: tries, seed })
    expect(failed, `by seed ${seed}`).toEqual([breaks])
  }
})

test('a broken hub is reported with the shortest counterexample', { timeout: 300_000 }, async () => {
  const { bug } = brokenHubs.find(({ name }) => name === 'undo takes two segments')!
  const undo = hubRules.find(({ id }) => id === 'D3')!
  const counterexample = await undo.run(hubWith(bug), { runs: 200, seed: 1 }).catch(error => (error as Error).message)
  expect(counterexample).toContain('[D3] Undo takes the newest first')
  // Two appends and an undo, each with its answer.
  expect(`${counterexample}`.split('\n').filter(line => line.includes('→')).length).toBeLessThanOrEqual(4)
})
