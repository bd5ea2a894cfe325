import { readFileSync } from 'node:fs'
import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import { brokenByClusters, brokenClusters } from './mutants/cluster/clusters.ts'
import { clusterSection } from './mutants/table.ts'

// A bug among several servers shows in one of some hundred histories: the quick run begins where the first one is.
test.for(brokenClusters)('caught in a cluster: $name', { timeout: 900_000 }, async ({ breaks, first, ...bug }) => {
  const found = await brokenByClusters(bug)([breaks], byTier({ runs: 1, first }, { runs: 2000 }))
  expect(found).toEqual([breaks])
})

test('docs/mutants.md lists the bugs of clusters', () => {
  expect(readFileSync(new URL('../docs/mutants.md', import.meta.url), 'utf8')).toContain(clusterSection())
})
