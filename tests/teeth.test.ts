import {
  draftRules,
  journalRules,
  type RuleId,
  type RunOptions,
  roomLogRules,
  rules,
  type ServerSetup,
  type Setup,
  serverRules,
  sessionLogRules,
  transportRules,
} from '@midsentence/conformance'
import * as core from '@midsentence/core'
import { config } from 'rxjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { benchWith } from './teeth/bench.ts'
import { moreBrokenServers } from './teeth/black-box-servers.ts'
import { brokenDrafts } from './teeth/drafts.ts'
import { brokenPublishing } from './teeth/publishing.ts'
import { serverWith } from './teeth/server-bench.ts'
import { brokenServers } from './teeth/servers.ts'
import { brokenStores, rightStores } from './teeth/stores.ts'
import { brokenStreams } from './teeth/streams.ts'

const brokenTransports = [...brokenPublishing, ...brokenStreams]
/** A bug is caught as early as by the first case: so many are tried only where it is not. */
const tries = 2000
/** What is right is tried on as many cases as this, by each rule. */
const runs = process.env.MIDSENTENCE_TIER === 'long' ? 200 : 40
const seeds = process.env.MIDSENTENCE_TIER === 'long' ? [1, 2, 3, 4, 5] : [1]

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

/** The rules that `setup` breaks, of those that apply to it. */
async function brokenBy(setup: Setup, among: readonly RuleId[], options: RunOptions): Promise<RuleId[]> {
  const { supports } = await peerOf(setup)
  const failed: RuleId[] = []
  for (const { id, needs, run } of transportRules) {
    if (!among.includes(id) || needs.some(need => supports[need] !== true)) continue
    await run(setup, { ...options, shrink: false }).catch(() => failed.push(id))
  }
  return failed
}

const peerOf = async (setup: Setup) => (await setup()).peer()
const right = benchWith()
const everyRule = rules.map(({ id }) => id)

const brokenDraftRules = (draft: Parameters<(typeof draftRules)[number]['run']>[0], seed: number): RuleId[] =>
  draftRules.flatMap(({ id, run }) => {
    try {
      run(draft, { runs: 300, seed, shrink: false })
      return []
    } catch {
      return [id]
    }
  })

test.for(brokenTransports)('caught: $name', { timeout: 300_000 }, async ({ breaks, bug }) => {
  for (const seed of seeds) {
    const failed = await brokenBy(benchWith(bug), [breaks], { runs: tries, seed })
    expect(failed, `by seed ${seed}`).toEqual([breaks])
  }
})

test.for(brokenDrafts)('caught: $name', ({ breaks, draft }) => {
  for (const seed of seeds) expect(brokenDraftRules(draft, seed), `by seed ${seed}`).toContain(breaks)
})

/** The rules of servers that `setup` breaks. */
async function brokenByServer(setup: ServerSetup, among: readonly RuleId[], options: RunOptions): Promise<RuleId[]> {
  const failed: RuleId[] = []
  for (const { id, run } of serverRules) {
    if (among.includes(id)) await run(setup, { ...options, shrink: false }).catch(() => failed.push(id))
  }
  return failed
}

test.for(brokenServers)('caught: $name', { timeout: 60_000 }, async ({ breaks, bug }) => {
  for (const seed of seeds) {
    const failed = await brokenByServer(serverWith(bug), [breaks], { runs: tries, seed })
    expect(failed, `by seed ${seed}`).toEqual([breaks])
  }
})

test.for(brokenStores)('caught: $name', { timeout: 60_000 }, async ({ breaks, brokenBy }) => {
  for (const seed of seeds) expect(await brokenBy([breaks], { runs: tries, seed }), `by seed ${seed}`).toEqual([breaks])
})

test.for([1, 2, 3, 4, 5])('no false alarm by seed %i', { timeout: 120_000 }, async n => {
  expect(await brokenBy(right, everyRule, { runs, seed: n })).toEqual([])
  expect(brokenDraftRules(core, n)).toEqual([])
  expect(await brokenByServer(serverWith(), everyRule, { runs, seed: n })).toEqual([])
  for (const brokenBy of rightStores) expect(await brokenBy(everyRule, { runs, seed: n })).toEqual([])
})

test('every rule that the kit runs has a bug it is known to catch', () => {
  const broken = [...brokenTransports, ...brokenDrafts, ...brokenServers, ...moreBrokenServers, ...brokenStores]
  const biting = new Set<RuleId>(broken.map(({ breaks }) => breaks))
  const storeRules = [...roomLogRules, ...journalRules, ...sessionLogRules]
  const run = [...transportRules, ...draftRules, ...serverRules, ...storeRules]
  const toothless = run.map(({ id }) => id).filter(id => !biting.has(id))
  expect(toothless).toEqual([])
  expect(rules.length).toBeGreaterThan(toothless.length)
})
