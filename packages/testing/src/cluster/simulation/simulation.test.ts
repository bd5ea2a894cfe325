import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import { explain, explanationLines, randomPlan, simulate } from './index.ts'

/** How many plans this test simulates. `npm run simulate -- --cluster` takes any number. */
const seeds = byTier(30, 3_000)

test(`${seeds} simulated plans for a cluster break no rule`, { timeout: 900_000 }, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await simulate(randomPlan(seed))
    expect(violations, `by seed ${seed}`).toEqual([])
  }
})

test.each([
  [67, 'a slow claim took a room from a server that had claimed it meanwhile'],
  [421, 'a slow claim took a room from an evicted owner that had come back'],
  [100_137, 'a push whose answer could not be read failed as undone, although it was sent'],
])('seed %i, once broken, breaks no rule: %s', async seed => {
  expect((await simulate(randomPlan(seed))).violations).toEqual([])
})

test('a plan for a cluster as JSON gives the same run each time', async () => {
  const plan = randomPlan(7)
  const result = await simulate(plan, { trace: true })
  expect(result.trace.join('\n')).toMatch(/server \d {2}is (stopped|killed)/)
  expect(await simulate(JSON.parse(JSON.stringify(plan)), { trace: true })).toEqual(result)
})

test('plans have two and three servers, whose clocks run differently, and every fault', () => {
  const plans = Array.from({ length: 100 }, (_, seed) => randomPlan(seed))
  const types = new Set(plans.flatMap(({ faults }) => faults.map(({ type }) => type)))
  for (const type of ['kill-server', 'stop-server', 'drain-server', 'cut-server'] as const)
    expect(types).toContain(type)
  expect(new Set(plans.map(({ cluster }) => cluster!.speeds.length))).toEqual(new Set([2, 3]))
  expect(new Set(plans.flatMap(({ cluster }) => cluster!.speeds))).toEqual(new Set([1, 1.1, 1.2]))
})

test('a plan that breaks no rule has no explanation', async () => {
  expect(await explain({ ...randomPlan(7), actions: [], faults: [] })).toBeUndefined()
  expect(explanationLines).toBeTypeOf('function')
})
