import { expect, test } from 'vitest'
import { measure } from '../measures/measure.ts'
import { policies } from '../policies/policies.ts'
import { pooledNumbers } from '../scenarios/pooled-numbers.ts'
import { profiles } from '../writers/writer.ts'
import type { Lineup } from './lineup.ts'
import { type RunResult, run } from './run.ts'

type PolicyName = (typeof policies)[number]['name']

const LEASE_MS = 120_000
const OTHERS = ['Ada', 'Ben', 'Cleo']
const [LAST, LAST_INDEX] = ['Dan', 3]

const play = (lineup: Lineup, policyName: PolicyName) =>
  run({
    scenario: pooledNumbers,
    policy: policies.find(({ name }) => name === policyName)!,
    seed: 1,
    participants: 4,
    lineup,
    profile: { ...profiles.hosted, notices: [1, 1], repairs: [1, 1] },
  })

const timesOf = ({ log }: RunResult, names: readonly string[]) =>
  log.filter(({ sender_id }) => names.includes(sender_id)).map(({ at }) => at)

/** The longest time without a message, in milliseconds. */
const longestSilence = ({ log }: RunResult) => Math.max(...log.map(({ at }, index) => at - (log[index - 1]?.at ?? 0)))

/** The most messages of the last participant without one of another between them. */
function longestStreak({ log }: RunResult): number {
  const text = log.map(({ sender_id }) => (sender_id === LAST ? 'x' : ' ')).join('')
  return Math.max(...text.split(' ').map(({ length }) => length))
}

test('slow: the last author is the same one, five times slower, and the others are not', async () => {
  const [even, slow] = await Promise.all([play('even', 'hold'), play('slow', 'hold')])
  for (const index of [0, 1, 2]) expect(slow.authors[index]!.writer).toEqual(even.authors[index]!.writer)
  const { first_token_ms, input_tokens_per_s, output_tokens_per_s, ...rest } = even.authors[LAST_INDEX]!.writer
  expect(slow.authors[LAST_INDEX]!.writer).toEqual({
    ...rest,
    first_token_ms: 5 * first_token_ms,
    input_tokens_per_s: input_tokens_per_s / 5,
    output_tokens_per_s: output_tokens_per_s / 5,
  })
  expect(timesOf(slow, [LAST])[0]).toBeGreaterThan(2 * timesOf(even, [LAST])[0]!)
})

test('chatty: the last author says twelve things more, and does its part', async () => {
  const chatty = await play('chatty', 'hold')
  const facts = /^My numbers are|The (?:sum|max|sort) is/
  const own = chatty.log.filter(({ sender_id }) => sender_id === LAST).map(({ content }) => content)
  expect(own.filter(content => !facts.test(content))).toHaveLength(12)
  expect(new Set(own).size).toBe(own.length)
  expect(own.slice(0, 4).filter(content => facts.test(content))).toHaveLength(1)
  expect(measure(chatty)).toMatchObject({ solved: 1, crossings: 0 })
})

test.each(['hold', 'lock'] as const)('absent: costs nothing under %s', async policy => {
  const absent = await play('absent', policy)
  expect(timesOf(absent, [LAST])).toEqual([])
  expect(longestSilence(absent)).toBeLessThan(10_000)
  expect(measure(absent).solved).toBe(1)
})

test('absent: costs its turn under turns, each time', async () => {
  const absent = await play('absent', 'turns')
  expect(timesOf(absent, [LAST])).toEqual([])
  expect(longestSilence(absent)).toBeGreaterThanOrEqual(LEASE_MS)
  expect(measure(absent).solved).toBe(1)
})

/** When the failing author stopped, and when it sent its first message. */
function failureOf({ authors, log }: RunResult): { readonly from: number; readonly until: number } {
  const from = authors[LAST_INDEX]!.trace.find(({ type }) => type === 'wrote')!.at
  return { from, until: log.find(({ sender_id }) => sender_id === LAST)!.at }
}

test('failing: under hold, the others go on at once', async () => {
  const failing = await play('failing', 'hold')
  const { from, until } = failureOf(failing)
  expect(until - from).toBeGreaterThan(180_000)
  expect(
    timesOf(failing, OTHERS)
      .slice(0, 3)
      .every(at => at < from + 10_000),
  ).toBe(true)
  expect(measure(failing)).toMatchObject({ solved: 1, crossings: 0, stale: 0 })
})

test.each(['lock', 'turns'] as const)('failing: under %s, the others wait until its time is over', async policy => {
  const failing = await play('failing', policy)
  const { from, until } = failureOf(failing)
  expect(until - from).toBeGreaterThan(180_000)
  const meanwhile = timesOf(failing, OTHERS).filter(at => at > from && at < until)
  expect(meanwhile.every(at => at > from + LEASE_MS - 10_000)).toBe(true)
  expect(measure(failing).solved).toBe(1)
})

test('hostile: under hold, the others have said all before it has', async () => {
  const hostile = await play('hostile', 'hold')
  expect(longestStreak(hostile)).toBeLessThan(60)
  expect(timesOf(hostile, OTHERS).at(-1)).toBeLessThan(30_000)
  expect(measure(hostile)).toMatchObject({ solved: 1, crossings: 0, stale: 0 })
})

test.each(['lock', 'turns'] as const)('hostile: under %s, it says all in one go, and the others wait', async policy => {
  const hostile = await play('hostile', policy)
  expect(longestStreak(hostile)).toBe(60)
  expect(measure(hostile).solved).toBe(1)
})
