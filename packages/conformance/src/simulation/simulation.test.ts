import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import { explain, explanationLines } from './explain.ts'
import type { PlannedFault, SimulationPlan } from './plan.ts'
import { randomPlan } from './random-plan.ts'
import type { ServerOverrides } from './server.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'

/** How many plans this test simulates. `npm run simulate` takes any number. */
const seeds = byTier(15, 5_000)

test(`${seeds} simulated plans break no rule`, { timeout: 600_000 }, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await simulate(randomPlan(seed))
    expect(violations, `by seed ${seed}`).toEqual([])
  }
})

test.each([
  [6035, 'a slow yield gave up a floor before its author knew of it'],
  [8, 'a new session was called resumed'],
  [183, 'a push that waited while its session was replaced crossed a missed message'],
  [434, 'a push was sent after a crash, although its author had been told that it was not'],
  [515, 'a push was held after a replaced session, under the annotate policy'],
  [740, 'a check waited although messages were missed'],
])('seed %i, once broken, breaks no rule: %s', async seed => {
  expect((await simulate(randomPlan(seed))).violations).toEqual([])
})

test('plans have sleeping clients, taken names, half-open streams, lost sessions and lost joins', () => {
  const plans = Array.from({ length: 100 }, (_, seed) => randomPlan(seed))
  const types = new Set(plans.flatMap(({ faults }) => faults.map(({ type }) => type)))
  for (const type of ['sleep', 'take-name', 'half-open', 'forget'] as const) expect(types).toContain(type)
  const joins = plans.flatMap(({ clients }) => clients.flatMap(({ joinFaults = [] }) => joinFaults))
  expect(joins.filter(({ responseMs }) => responseMs === null).length).toBeGreaterThan(20)
})

test('a client that sleeps while others speak goes on with its session, under a numbered name if its own was taken', async () => {
  const plan: SimulationPlan = {
    ...randomPlan(1),
    settings: {},
    clients: [
      { name: 'Ada', kind: 'keyed' },
      { name: 'Ben', kind: 'local' },
    ],
    actions: [
      { id: 0, at: 1_000, client: 0, kind: 'append', networkFaults: [] },
      { id: 1, at: 1_000, client: 1, kind: 'append', networkFaults: [] },
    ],
    faults: [0, 1].flatMap((client): PlannedFault[] => [
      { type: 'sleep', at: 2_000, client, ms: 190_000 },
      { type: 'take-name', at: 100_000, client, ms: 90_000, stays: true },
    ]),
  }
  const { violations, trace } = await simulate(plan, { trace: true })
  expect(violations).toEqual([])
  const text = trace.join('\n')
  for (const name of ['Ada', 'Ben']) expect(text).toContain(`"renamed":"${name}-2"`)
  expect(text).not.toContain('session-unknown')
})

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
