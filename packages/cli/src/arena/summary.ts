import type { Interval, Measures } from '@midsentence/arena'
import { joinWords } from '../join-words.ts'
import type { ArenaPackage, ArenaSettings } from './options.ts'

/** A run that was played. */
export interface PlayedRun {
  readonly scenario: string
  readonly policy: string
  readonly seed: number
  readonly measures: Measures
}

type MeasureIntervals = Readonly<Record<keyof Measures, Interval>>

/** What the runs of one scenario under one policy show. */
export interface PolicySummary {
  readonly scenario: string
  readonly policy: string
  readonly seeds: number
  readonly means: MeasureIntervals
  /** How many times as much of each measure it has as the policy of `--against`. */
  readonly ratios?: MeasureIntervals
}

type Statistics = Pick<ArenaPackage, 'meanOf' | 'ratioOf'>

/** Summarises the runs of one scenario, policy by policy. Each policy has the same seeds. */
export function summarise(
  { meanOf, ratioOf }: Statistics,
  { policies, against }: Pick<ArenaSettings, 'policies' | 'against'>,
  runs: readonly PlayedRun[],
): readonly PolicySummary[] {
  if (runs.length === 0) return []
  const measuresOf = (name: string) => runs.flatMap(({ policy, measures }) => (policy === name ? [measures] : []))
  const forEach = (interval: (key: keyof Measures) => Interval) =>
    Object.fromEntries(
      (Object.keys(runs[0]!.measures) as (keyof Measures)[]).map(key => [key, interval(key)]),
    ) as MeasureIntervals
  const base = against && measuresOf(against.name)
  return policies.map(({ name }) => {
    const own = measuresOf(name)
    return {
      scenario: runs[0]!.scenario,
      policy: name,
      seeds: own.length,
      means: forEach(key => meanOf(own, key)),
      ...(base && { ratios: forEach(key => ratioOf(own, base, key)) }),
    }
  })
}

/** Says in two sentences what the runs of several policies show. Policies whose intervals allow a tie are named together. */
export function conclude({ ratioOf }: Statistics, runs: readonly PlayedRun[]): string {
  const byPolicy = new Map<string, Measures[]>()
  for (const { policy, measures } of runs) byPolicy.set(policy, [...(byPolicy.get(policy) ?? []), measures])
  const total = (name: string, key: keyof Measures) => byPolicy.get(name)!.reduce((sum, each) => sum + each[key], 0)
  const fresh = [...byPolicy.keys()].filter(name => total(name, 'stale') === 0)
  if (fresh.length === 0) return 'Every policy sent stale messages.'
  /** Those of `fresh` that have the least of a measure, or so little more that it may be chance. */
  const least = (key: keyof Measures, sign: 1 | -1 = 1) => {
    const best = fresh.toSorted((a, b) => sign * (total(a, key) - total(b, key)))[0]!
    return fresh.filter(name => {
      const { low, high } = ratioOf(byPolicy.get(name)!, byPolicy.get(best)!, key)
      return name === best || (sign === 1 ? low <= 1 : high >= 1)
    })
  }
  const opening = `No stale message: ${joinWords(fresh)}.`
  if (fresh.length === 1) return opening
  const [solved, quickest, cheapest] = [least('solved', -1), least('time'), least('cost')].map(joinWords)
  return `${opening} Of these, solved most often: ${solved}; the quickest: ${quickest}; the cheapest: ${cheapest}.`
}
