import { randomFrom } from '../random.ts'

/** Returns a quantile of sorted values, by the nearest rank. 0 for none. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0

/** Returns the Gini coefficient of values of 0 or more: 0 if all are equal, near 1 if one has all. */
export function gini(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const total = sorted.reduce((sum, value) => sum + value, 0)
  if (total === 0) return 0
  const weighted = sorted.reduce((sum, value, index) => sum + value * (2 * (index + 1) - sorted.length - 1), 0)
  return weighted / (sorted.length * total)
}

/** An estimate, and the ends of its interval of 95 %. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** How many times the seeds are drawn again. */
const RESAMPLES = 1_000

/**
 * Returns figures of the values of several seeds, each with its bootstrap interval: the seeds are drawn again, with repetition, and
 * the figures computed again. `figure(draw)` is given the indices of the drawn seeds. The same values give the same interval.
 */
export function bootstrap(seeds: number, figure: (draw: readonly number[]) => number): Interval {
  const figures = drawsOf(seeds)
    .map(figure)
    .sort((a, b) => a - b)
  const all = Array.from({ length: seeds }, (_, index) => index)
  return { value: figure(all), low: quantile(figures, 0.025), high: quantile(figures, 0.975) }
}

const draws = new Map<number, readonly (readonly number[])[]>()

function drawsOf(seeds: number): readonly (readonly number[])[] {
  const known = draws.get(seeds)
  if (known) return known
  const random = randomFrom('bootstrap', seeds)
  const drawn = Array.from({ length: RESAMPLES }, () => Array.from({ length: seeds }, () => random.whole(0, seeds - 1)))
  draws.clear()
  draws.set(seeds, drawn)
  return drawn
}
