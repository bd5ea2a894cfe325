import { draftRules, type RuleId, rules, type Setup, transportRules } from '@midsentence/conformance'
import * as core from '@midsentence/core'
import { config } from 'rxjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { benchWith } from './teeth/bench.ts'
import { brokenDrafts } from './teeth/drafts.ts'
import { brokenPublishing } from './teeth/publishing.ts'
import { brokenStreams } from './teeth/streams.ts'

const seed = Date.now() % 1_000_000
const brokenTransports = [...brokenPublishing, ...brokenStreams]
const runs = process.env.MIDSENTENCE_TIER === 'long' ? 200 : 40

// Broken streams fail where nobody listens: that is what they are here for.
const reported = config.onUnhandledError
beforeAll(() => {
  config.onUnhandledError = () => {}
})
afterAll(async () => {
  // They are reported by timers, and all before ran on a virtual clock.
  await new Promise(resolve => setTimeout(resolve))
  config.onUnhandledError = reported
})

async function brokenBy(setup: Setup, from = seed): Promise<RuleId[]> {
  const failed: RuleId[] = []
  for (const { id, needs, run } of transportRules) {
    const { supports } = setup === right ? rightPeer : await peerOf(setup)
    if (needs.some(need => supports[need] !== true)) continue
    await run(setup, { runs, seed: from, shrink: false }).catch(() => failed.push(id))
  }
  return failed
}

const peerOf = async (setup: Setup) => (await setup()).peer()
const right = benchWith()
const rightPeer = await peerOf(right)

const brokenDraftRules = (draft: Parameters<(typeof draftRules)[number]['run']>[0], from = seed): RuleId[] =>
  draftRules.flatMap(({ id, run }) => {
    try {
      run(draft, { runs: 300, seed: from, shrink: false })
      return []
    } catch {
      return [id]
    }
  })

test.for(brokenTransports)('caught: $name', { timeout: 120_000 }, async ({ breaks, bug }) => {
  const failed = await brokenBy(benchWith(bug))
  expect(failed, `by seed ${seed}`).toContain(breaks)
})

test.for(brokenDrafts)('caught: $name', ({ breaks, draft }) => {
  expect(brokenDraftRules(draft), `by seed ${seed}`).toContain(breaks)
})

test.for([1, 2, 3, 4, 5])('no false alarm by seed %i', { timeout: 120_000 }, async n => {
  expect(await brokenBy(right, n)).toEqual([])
  expect(brokenDraftRules(core, n)).toEqual([])
})

test('every rule that the kit runs has a bug it is known to catch', () => {
  const biting = new Set<RuleId>([...brokenTransports, ...brokenDrafts].map(({ breaks }) => breaks))
  const toothless = [...transportRules, ...draftRules].map(({ id }) => id).filter(id => !biting.has(id))
  // Rules of the participant's own, which no transport can break alone.
  expect(toothless).toEqual(['P2', 'C2', 'C3'])
  expect(rules.length).toBeGreaterThan(toothless.length)
})
