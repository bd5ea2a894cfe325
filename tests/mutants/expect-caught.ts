import type { RuleId } from '@midsentence/conformance'
import { byTier } from '@midsentence/testing/tier'
import { config } from 'rxjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Mutant } from './mutants.ts'

/** The most random cases per rule. Most bugs are caught by the first ones. */
export const tries = 2000
const seeds = byTier([1], [1, 2, 3, 4, 5])

/** Tests that each mutant is caught by its rule, with every seed. */
export function testCaught(mutants: readonly Mutant[]): void {
  test.for(mutants)('caught in a $part: $name', { timeout: 300_000 }, async ({ breaks, brokenBy }) => {
    for (const seed of seeds) {
      expect(await brokenBy([breaks], { runs: tries, seed }), `by seed ${seed}`).toEqual([breaks])
    }
  })
}

/** Ignores errors without a handler in RxJS: mutants of streams raise them. */
export function ignoreUnhandledErrors(): void {
  const reported = config.onUnhandledError
  beforeAll(() => {
    config.onUnhandledError = () => {}
  })
  afterAll(async () => {
    // RxJS reports them in a timer of the real clock.
    await new Promise(resolve => setTimeout(resolve))
    config.onUnhandledError = reported
  })
}

export const inOrder = (ids: Iterable<RuleId>, every: readonly RuleId[]): RuleId[] => {
  const found = new Set(ids)
  return every.filter(id => found.has(id))
}
