import { expect, test } from 'vitest'
import * as arena from '../index.ts'
import { brokenPromises } from '../measures/promises.ts'
import { policies } from '../policies/policies.ts'
import { profiles } from '../writers/writer.ts'
import { type Lineup, lineups } from './lineup.ts'
import { run } from './run.ts'

const SEEDS = 1_000

const isScenario = (value: unknown): value is arena.Scenario => value instanceof Object && 'deal' in value
const scenarios = [...new Set(Object.values<unknown>(arena).flat().filter(isScenario))]

const everyLineup = Object.keys(lineups) as Lineup[]

/**
 * Two of three seeds are of the default room, the others of one without a floor. Every lineup meets every size of up to six within 60
 * seeds. Eight and sixteen participants come every 50 and every 250 seeds, since they take 10 times as long. All policies with
 * all settings: `npm run prove:arena`.
 */
const settingOf = (seed: number) => ({
  seed,
  participants: seed % 250 === 0 ? 16 : seed % 50 === 0 ? 8 : [2, 3, 4, 5, 6][seed % 5]!,
  lineup: everyLineup[Math.floor(seed / 5) % everyLineup.length]!,
  policy: policies[seed % 3 === 0 ? 1 : 0],
})

for (const scenario of scenarios) {
  test(`${scenario.name}: a room that holds keeps its promises in ${SEEDS} seeds`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const setting = settingOf(seed)
      const result = await run({ ...setting, scenario, profile: profiles.hosted })
      const { participants, lineup, policy } = setting
      const broken = brokenPromises(policy, result)
      expect(broken, `seed ${seed}, ${participants} participants, ${lineup}, ${policy.name}`).toEqual([])
    }
  })
}
