import type { RuleId } from '@midsentence/conformance'
import { config } from 'rxjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Mutant } from './mutants.ts'

/** A bug is caught as early as by the first case: so many are tried only where it is not. */
export const tries = 2000
const long = process.env.MIDSENTENCE_TIER === 'long'
const seeds = long ? [1, 2, 3, 4, 5] : [1]

/** Each of `mutants` is caught by its rule, by every seed. */
export function testCaught(mutants: readonly Mutant[]): void {
  test.for(mutants)('caught in a $part: $name', { timeout: 300_000 }, async ({ breaks, brokenBy }) => {
    for (const seed of seeds) {
      expect(await brokenBy([breaks], { runs: tries, seed }), `by seed ${seed}`).toEqual([breaks])
    }
  })
}

/** Broken streams fail where nobody listens: that is what they are here for. */
export function ignoreUnhandledErrors(): void {
  const reported = config.onUnhandledError
  beforeAll(() => {
    config.onUnhandledError = () => {}
  })
  afterAll(async () => {
    // They are reported by timers, and all before ran on a virtual clock.
    await new Promise(resolve => setTimeout(resolve))
    config.onUnhandledError = reported
  })
}

export const inOrder = (ids: Iterable<RuleId>, every: readonly RuleId[]): RuleId[] => {
  const found = new Set(ids)
  return every.filter(id => found.has(id))
}
