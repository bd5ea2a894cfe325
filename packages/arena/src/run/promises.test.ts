import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import * as arena from '../index.ts'
import { measure } from '../measures/measure.ts'
import { brokenPromises } from '../measures/promises.ts'
import { policies } from '../policies/policies.ts'
import { profiles } from '../writers/writer.ts'
import { authorNames, type Lineup } from './lineup.ts'
import { run } from './run.ts'

const isScenario = (value: unknown): value is arena.Scenario => value instanceof Object && 'deal' in value
/** Every scenario that the package exports, alone or in a list. */
const scenarios = [...new Set(Object.values<unknown>(arena).flat().filter(isScenario))]

/** Participants, seed and lineups. `npm run prove:arena` plays more. */
const rooms: readonly (readonly [participants: number, seed: number, lineups: readonly Lineup[]])[] = [
  [2, 1, ['failing']],
  [3, 4, ['slow']],
  [4, 7, ['hostile', 'absent']],
  ...byTier<typeof rooms>(
    [],
    [
      [3, 4, ['chatty']],
      [4, 7, ['even']],
      [6, 10, ['even']],
    ],
  ),
]

const settingsOf = (scenario: arena.Scenario, policy: arena.CoordinationPolicy) =>
  rooms.flatMap(([participants, seed, among]) =>
    among.map(lineup => ({ scenario, policy, seed, participants, lineup, profile: profiles.hosted })),
  )

const promising = policies.filter(policy => policy.room.policy === 'hold' || policy.writes !== 'any time')

for (const scenario of scenarios) {
  test.each(promising)(`${scenario.name}: $name keeps its promises`, async policy => {
    for (const setting of settingsOf(scenario, policy)) {
      const { seed, participants, lineup } = setting
      const result = await run(setting)
      expect(brokenPromises(policy, result), `seed ${seed}, ${participants} participants, ${lineup}`).toEqual([])
      expect(result.log.length).toBeGreaterThan(0)
    }
  })

  test(`${scenario.name}: blind send crosses in nearly every run of four`, async () => {
    const policy = policies.find(({ name }) => name === 'blind-send')!
    const seeds = Array.from({ length: 10 }, (_, index) => index + 1)
    const crossed = await Promise.all(
      seeds.map(async seed => {
        const setting = { scenario, policy, seed, participants: 4, lineup: 'even', profile: profiles.hosted } as const
        return measure(await run(setting)).crossings > 0
      }),
    )
    expect(crossed.filter(Boolean).length).toBeGreaterThanOrEqual(9)
  })
}

test('promises that are not kept are found', async () => {
  const [hold, annotate] = ['hold', 'annotate'].map(name => policies.find(policy => policy.name === name))
  const setting = {
    scenario: arena.counting,
    seed: 7,
    participants: 4,
    lineup: 'even',
    profile: profiles.hosted,
  } as const
  const result = await run({ ...setting, policy: annotate! })
  expect(brokenPromises(annotate!, result)).toEqual([])
  expect(brokenPromises(hold!, result)).toEqual([
    expect.stringMatching(/^\d+ crossings$/),
    expect.stringMatching(/^\d+ stale messages$/),
  ])
  const withoutFloor = await run({ ...setting, lineup: 'hostile', policy: policies[1] })
  expect(brokenPromises(policies[1], withoutFloor)).toEqual([])
  expect(brokenPromises(hold!, withoutFloor)).toContainEqual(expect.stringMatching(/judged pushes of a message/))
})

test('every scenario is among those that are played', () => {
  expect(scenarios.map(({ name }) => name)).toEqual(expect.arrayContaining(['counting', 'pooled-numbers']))
})

test('there is a name for each participant', () => {
  expect(new Set(authorNames).size).toBe(24)
})
