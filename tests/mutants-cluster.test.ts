import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import { brokenByScript, brokenClusters, plansUntilBroken } from './mutants/cluster/clusters.ts'

/** In how many random plans each bug shows. */
const MAX_PLANS = 1_000

test.for(brokenClusters)('caught by a scripted plan: $name', { timeout: 900_000 }, async bug => {
  expect(await brokenByScript(bug)).toContain(bug.breaks)
})

test.runIf(byTier(false, true)).for(brokenClusters.filter(({ scriptedOnly }) => !scriptedOnly))(
  'caught by random plans: $name',
  { timeout: 900_000 },
  async bug => {
    expect(await plansUntilBroken(bug, MAX_PLANS)).toBeTypeOf('number')
  },
)
