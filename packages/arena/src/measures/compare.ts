import { type RunSetting, run } from '../run/run.ts'
import { type Measures, measure, type Prices } from './measure.ts'
import { bootstrap, type Interval } from './statistics.ts'

/** Plays a setting with the seeds `first`, `first + 1`, …, and yields the measures of each run, in their order. */
export async function* sample(
  options: Omit<RunSetting, 'seed'>,
  seeds: number,
  { first = 1, prices }: { readonly first?: number; readonly prices?: Prices } = {},
): AsyncGenerator<Measures> {
  for (let seed = first; seed < first + seeds; seed++) yield measure(await run({ ...options, seed }), prices)
}

/** Returns the mean of a measure over the seeds, with its interval. */
export const meanOf = (runs: readonly Measures[], key: keyof Measures): Interval =>
  bootstrap(runs.length, draw => sumOf(runs, key, draw) / draw.length)

/**
 * Returns how many times as much of a measure one setting has as another on the same seeds: the ratio of their sums. Infinite where
 * only the other has none, and 1 where neither has any.
 */
export function ratioOf(runs: readonly Measures[], others: readonly Measures[], key: keyof Measures): Interval {
  if (runs.length !== others.length) throw new TypeError('A ratio needs runs of the same seeds.')
  return bootstrap(runs.length, draw => {
    const [mine, theirs] = [sumOf(runs, key, draw), sumOf(others, key, draw)]
    return mine === theirs ? 1 : mine / theirs
  })
}

const sumOf = (runs: readonly Measures[], key: keyof Measures, draw: readonly number[]): number =>
  draw.reduce((sum, index) => sum + runs[index]![key], 0)
