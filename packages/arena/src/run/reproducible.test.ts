import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import * as arena from '../index.ts'
import { measure } from '../measures/measure.ts'
import { policies } from '../policies/policies.ts'
import { type RandomStream, randomFrom } from '../random.ts'
import { drawWriter, profiles, type WriterProfile } from '../writers/writer.ts'
import { type RunResult, type RunSetting, run } from './run.ts'

const isScenario = (value: unknown): value is arena.Scenario => value instanceof Object && 'deal' in value
const scenarios = [...new Set(Object.values<unknown>(arena).flat().filter(isScenario))]

const settingOf = (scenario: arena.Scenario, policy: arena.CoordinationPolicy, seed = 1): RunSetting => ({
  scenario,
  policy,
  seed,
  participants: 4,
  lineup: 'even',
  profile: profiles.hosted,
  recorded: true,
})

/** Everything that a run gives, as JSON. */
const factsOf = (result: RunResult) => {
  const { authors, log, isFinished, end_ms, limit_ms, score } = result
  const seen = authors.map(({ name, hasPart, writer, trace, calls }) => ({ name, hasPart, writer, trace, calls }))
  return { authors: seen, log, isFinished, end_ms, limit_ms, score, measures: measure(result) }
}

const played = async (setting: RunSetting) => factsOf(await run(setting))

for (const scenario of scenarios) {
  test(`${scenario.name}: a setting that is played twice gives the same run, also while others are played`, async () => {
    const settings = policies.map(policy => settingOf(scenario, policy))
    const alone = []
    for (const setting of settings) alone.push(await played(setting))
    expect(alone.every(({ score }) => score.length > 0)).toBe(true)
    expect(await Promise.all(settings.toReversed().map(played))).toEqual(alone.toReversed())
  })

  test(`${scenario.name}: the score is kept beside the run, and changes nothing`, async () => {
    const { score, ...recorded } = await played(settingOf(scenario, policies[0]))
    const { score: none, ...plain } = await played({ ...settingOf(scenario, policies[0]), recorded: false })
    expect(plain).toEqual(recorded)
    expect([score.length > 0, none]).toEqual([true, []])
  })

  test(`${scenario.name}: a seed gives the same task and the same authors under every policy`, async () => {
    for (const lineup of ['even', 'slow', 'failing'] as const) {
      const results = await Promise.all(
        policies.map(policy => run({ ...settingOf(scenario, policy, 5), lineup, participants: 3 })),
      )
      const [first, ...others] = results.map(({ authors, task }) => ({
        writers: authors.map(({ name, writer }) => [name, writer]),
        beginnings: authors.map(({ name, plan }) => plan(name, [])),
        serial: arena.runSerially(
          task,
          authors.map(({ name }) => name),
        ),
        news: task.news,
      }))
      for (const other of others) expect(other).toEqual(first)
    }
  })
}

/**
 * A run of each policy, as a hash. A change of behaviour of the core, the driver or a policy shows here. If you mean it, run this file
 * with `--update`, and say in the commit what changed: figures that were published no longer follow from this version.
 */
test('the runs of each policy are those of this version', async () => {
  const hashes: Record<string, string> = {}
  for (const policy of policies) {
    const { log, authors, end_ms, measures } = await played(settingOf(arena.counting, policy))
    const traces = authors.map(({ trace }) => trace)
    const hash = createHash('sha256').update(JSON.stringify({ log, traces, end_ms, measures }))
    hashes[policy.name] = hash.digest('hex').slice(0, 16)
  }
  expect(hashes).toMatchInlineSnapshot(`
    {
      "annotate": "42de73ca2780584d",
      "blind-send": "1e006e4adf6e9573",
      "check-then-send": "81e43da627f8efeb",
      "hold": "2499dae6a6763abe",
      "hold-and-restart": "41cb6011c06e370d",
      "hold-without-floor": "8e698ebbf439b643",
      "lock": "0b75cca39ed4eee7",
      "regenerate": "d2547addfb4be947",
      "turns": "59b088dac53dfb09",
    }
  `)
})

const drawsOf = (make: (index: number) => RandomStream) =>
  Array.from({ length: 1_000 }, (_, index) => make(index).between(0, 1))

test.each<[string, (index: number) => RandomStream]>([
  ['seeds at the end', index => randomFrom('deal', 'counting', index)],
  ['seeds before a name', index => randomFrom('author', index, 'Ada')],
  ['keys of prose', index => randomFrom('prose', 7, `Ada ${index}`)],
])('the first numbers of a thousand streams are even and unrelated: %s', (_, make) => {
  const draws = drawsOf(make)
  const bins = Array.from({ length: 20 }, () => 0)
  for (const draw of draws) bins[Math.floor(draw * 20)]!++
  // 50 in each of 20 bins. Chi-squared with 19 degrees of freedom is above 43.8 once in a thousand.
  expect(bins.reduce((sum, count) => sum + (count - 50) ** 2 / 50, 0)).toBeLessThan(43.8)
  // The correlation of neighbours deviates by 1 / √1000 = 0.032 from 0.
  const products = draws.slice(1).map((draw, index) => 12 * (draw - 0.5) * (draws[index]! - 0.5))
  expect(Math.abs(products.reduce((sum, product) => sum + product, 0) / 999)).toBeLessThan(0.1)
})

test('traits are drawn evenly from the ranges of the profile', () => {
  const profile: WriterProfile = { ...profiles.hosted, keeps: [0.2, 0.6] }
  const drawn = Array.from({ length: 1_000 }, (_, seed) => drawWriter(profile, randomFrom('author', seed, 'Ben')))
  for (const key of Object.keys(profile) as (keyof WriterProfile)[]) {
    const [least, most] = profile[key]
    const values = drawn.map(writer => writer[key])
    expect(Math.min(...values)).toBeGreaterThanOrEqual(least)
    expect(Math.max(...values)).toBeLessThanOrEqual(most)
    // The mean deviates by (most − least) / √12 / √1000 = 0.9 % of the range.
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / 1_000 - (least + most) / 2)).toBeLessThan(
      0.04 * (most - least),
    )
  }
})

/** A person thanks Ada while it writes, and later says where they meet. What Ada writes depends on that. */
const interrupted: arena.Scenario = {
  name: 'interrupted',
  about: 'One author writes while a person says where they meet.',
  resembles: 'Nothing.',
  deal: (_authors, random, prose) => ({
    news: [
      { at_ms: 1_500, content: 'Thanks.' },
      { at_ms: 2_500, content: `Meet in room ${random.whole(1, 99)}.` },
    ],
    plan(author, messages) {
      if (messages.some(({ sender_id }) => sender_id === author)) return undefined
      const where = messages.find(({ content }) => content.startsWith('Meet'))?.content ?? 'Meet where we met.'
      return [...prose.sentences(author, 20), ` ${where}`]
    },
    result: () => null,
  }),
}

test('an author that reads the same news under other policies has the same luck', async () => {
  const profile: WriterProfile = { ...profiles.hosted, notices: [0.5, 0.5], repairs: [1, 1] }
  const annotate = { ...policies[0], room: { policy: 'annotate' as const } }
  const variants: readonly (readonly [policy: arena.CoordinationPolicy, reviews: number])[] = [
    [policies[0], 1],
    // Draws for the thanks too.
    [{ ...annotate, interruptedBy: () => true }, 2],
    [{ ...annotate, reads: 'at the end', retries: 1 }, 1],
  ]
  let heeded = 0
  for (let seed = 1; seed <= 60; seed++) {
    const said = new Set<string>()
    for (const [policy, reviews] of variants) {
      const setting = { ...settingOf(interrupted, policy, seed), profile, participants: 2, lineup: 'absent' as const }
      const { log, authors } = await run(setting)
      expect(authors[0]!.trace.filter(({ type }) => type === 'reviewed')).toHaveLength(reviews)
      said.add(log.at(-1)!.content)
    }
    expect([...said], `seed ${seed}`).toHaveLength(1)
    heeded += Number([...said][0]!.includes('Meet in room'))
  }
  // Half of 60, with a deviation of 3.9.
  expect(heeded).toBeGreaterThan(18)
  expect(heeded).toBeLessThan(42)
})
