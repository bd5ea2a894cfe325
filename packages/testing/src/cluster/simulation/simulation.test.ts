import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import { explain, explanationLines, randomPlan, simulate } from './index.ts'
import { OWNER, scriptedPlans } from './scripted-plans.ts'

/** How many plans this test simulates. `npm run simulate -- --cluster` takes any number. */
const seeds = byTier(30, 1_500)
/** The delays of a scripted plan differ with its seed. */
const scriptedSeeds = byTier(1, 20)

test(`${seeds} simulated plans for a cluster break no rule`, { timeout: 900_000 }, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await simulate(randomPlan(seed))
    expect(violations, `by seed ${seed}`).toEqual([])
  }
})

test.each([
  [18127, 'a floor that ended by a clock that runs fast was expected to last longer'],
  [18785, 'a check that still read what was unseen answered 0 when its server closed'],
  [39821, 'a repeated leave was told that the session is unknown, before the leave was durable'],
  [59834, 'a check that a leave ended was expected to give what was unseen'],
  [85915, 'a push that its closing server refused was made elsewhere, after a later preview was answered'],
])('seed %i: %s', async seed => {
  expect((await simulate(randomPlan(seed))).violations).toEqual([])
})

test.each(Object.entries(scriptedPlans))('no rule is broken if %s', async (_, plan) => {
  for (let seed = 1; seed <= scriptedSeeds; seed++) {
    const { violations } = await simulate({ ...plan, seed })
    expect(violations, `by seed ${seed}`).toEqual([])
  }
})

test('the owner of scripted plans is the first owner', async () => {
  const [plan] = Object.values(scriptedPlans)
  const { trace } = await simulate({ ...plan!, actions: [], faults: [] }, { trace: true })
  expect(trace.find(line => line.includes('has the owner'))).toContain(`has the owner ${OWNER}.1,`)
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
