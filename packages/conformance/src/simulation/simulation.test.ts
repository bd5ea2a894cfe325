import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import { explain, explanationLines } from './explain.ts'
import { randomPlan } from './random-plan.ts'
import type { ServerOverrides } from './server.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'

/** How many plans this test simulates. `npm run simulate` takes any number. */
const seeds = byTier(50, 5_000)

test(`${seeds} simulated plans break no rule`, { timeout: 600_000 }, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await simulate(randomPlan(seed))
    expect(violations, `by seed ${seed}`).toEqual([])
  }
})

test.each([[6035, 'a slow yield gave up a floor before its author knew of it']])(
  'seed %i, once broken, breaks no rule: %s',
  async seed => {
    expect((await simulate(randomPlan(seed))).violations).toEqual([])
  },
)

test('a seed and its plan as JSON give the same run each time', async () => {
  for (const seed of [7, 60, 311]) {
    const plan = randomPlan(seed)
    const result = await simulate(plan, { trace: true })
    expect(result.trace.length).toBeGreaterThan(10)
    expect(await simulate(randomPlan(seed), { trace: true })).toEqual(result)
    expect(await simulate(JSON.parse(JSON.stringify(plan)), { trace: true })).toEqual(result)
  }
})

/** A server that never holds a push. */
const neverHolds: ServerOverrides = {
  options: { policy: { room: () => ({ policy: 'annotate' }), limits: () => ({}) } },
}

/** Returns the plan of the first seed that breaks a rule. */
async function firstBroken(overrides: ServerOverrides) {
  for (let seed = 1; ; seed++) {
    const plan = { ...randomPlan(seed), settings: {} }
    if ((await simulate(plan, { overrides })).violations.length > 0) return plan
  }
}

test('explain shrinks a plan that breaks a rule and traces the smallest', async () => {
  const plan = await firstBroken(neverHolds)
  const tries: number[] = []
  const explanation = (await explain(plan, { overrides: neverHolds, progress: tried => tries.push(tried) }))!
  const { violations, smallest, remaining, trace } = explanation
  expect(violations[0]?.rule).toBe('H1')
  expect(remaining[0]?.rule).toBe('H1')
  // Each client sends a message at the end: with two clients that is enough, or nearly.
  expect(smallest.clients.length).toBe(2)
  expect(smallest.actions.length + smallest.faults.length).toBeLessThanOrEqual(2)
  expect(tries).toEqual(tries.map((_, at) => at + 1))
  expect(await explain(plan, { overrides: neverHolds })).toEqual(explanation)
  const lines = [...explanationLines(explanation)]
  expect(lines[0]).toMatch(/^H1: /)
  expect(lines).toContain('What happened:')
  for (const line of trace) expect(lines).toContain(line)
  expect(await explain({ ...plan, actions: [], faults: [] })).toBeUndefined()
})

test('shrink returns the smallest plan so far after maxTries', async () => {
  const plan = randomPlan(3)
  const tried: number[] = []
  const smallest = await shrink(plan, async () => true, { maxTries: 5, progress: n => tried.push(n) })
  expect(tried).toEqual([1, 2, 3, 4, 5])
  expect(smallest.faults).toEqual([])
  expect(await shrink(plan, async () => false)).toBe(plan)
})
