import { expect, test } from 'vitest'
import { randomFrom } from '../random.ts'
import { meanOf, ratioOf } from './compare.ts'
import type { Measures } from './measure.ts'
import { bootstrap, gini, quantile } from './statistics.ts'

test('a quantile is the value of the nearest rank', () => {
  const values = [15, 20, 35, 40, 50]
  // Ranks ⌈0.05 · 5⌉ = 1, ⌈0.3 · 5⌉ = 2, ⌈0.4 · 5⌉ = 2, ⌈0.5 · 5⌉ = 3, 5.
  expect([0.05, 0.3, 0.4, 0.5, 1].map(share => quantile(values, share))).toEqual([15, 20, 20, 35, 50])
  expect(quantile(values, 0)).toBe(15)
  expect(quantile([7], 0.95)).toBe(7)
  expect(quantile([], 0.5)).toBe(0)
})

test('the Gini coefficient is half of the mean difference over the mean', () => {
  const slow = (values: readonly number[]) => {
    const differences = values.flatMap(a => values.map(b => Math.abs(a - b)))
    const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length
    return mean(differences) / 2 / mean(values)
  }
  for (const values of [[1, 1, 1], [0, 0, 0, 8], [3, 1, 2], [5], [9, 1, 4, 4, 7]])
    expect(gini(values)).toBeCloseTo(slow(values), 12)
  // One of four has all: (4 − 1) / 4. All are equal: 0. Half of the mean difference of 1 and 3 over 2: 1 / 2 / 2.
  expect(gini([0, 0, 0, 8])).toBe(0.75)
  expect(gini([2, 2, 2, 2])).toBe(0)
  expect(gini([1, 3])).toBe(0.25)
  expect([gini([0, 0]), gini([])]).toEqual([0, 0])
})

const meanAt = (values: readonly number[]) => (draw: readonly number[]) =>
  draw.reduce((sum, index) => sum + values[index]!, 0) / draw.length

test('an interval of a mean is about as wide as theory says', () => {
  const random = randomFrom('test', 'width')
  const values = Array.from({ length: 400 }, () => random.between(0, 1))
  const { value, low, high } = bootstrap(400, meanAt(values))
  expect(value).toBeCloseTo(values.reduce((sum, each) => sum + each, 0) / 400, 12)
  // 2 · 1.96 · √(1/12) / √400 = 0.0566.
  expect(high - low).toBeGreaterThan(0.048)
  expect(high - low).toBeLessThan(0.065)
  expect(bootstrap(400, meanAt(values))).toEqual({ value, low, high })
})

test('an interval of 95 % has the true mean in about 95 of 100 samples', () => {
  const random = randomFrom('test', 'coverage')
  let hits = 0
  for (let sample = 0; sample < 300; sample++) {
    const values = Array.from({ length: 40 }, () => random.between(0, 1) + random.between(0, 1))
    const { low, high } = bootstrap(40, meanAt(values))
    if (low <= 1 && 1 <= high) hits++
  }
  // Of 300, 95 % are 285 with a deviation of 3.8. Intervals of 40 values are a little narrow: about 94 %.
  expect(hits).toBeGreaterThanOrEqual(270)
  expect(hits).toBeLessThanOrEqual(296)
})

const runsOf = (...times: number[]) => times.map(time => ({ time }) as Measures)

test('a ratio compares the sums of the same seeds, so that what both share cancels out', () => {
  const random = randomFrom('test', 'ratio')
  const times = Array.from({ length: 50 }, () => random.between(1, 100))
  const { value, low, high } = ratioOf(runsOf(...times.map(time => 2 * time)), runsOf(...times), 'time')
  for (const each of [value, low, high]) expect(each).toBeCloseTo(2, 12)
  expect(ratioOf(runsOf(3, 5), runsOf(2, 2), 'time').value).toBe(2)
  expect(ratioOf(runsOf(0, 0), runsOf(0, 0), 'time')).toEqual({ value: 1, low: 1, high: 1 })
  expect(ratioOf(runsOf(1, 1), runsOf(0, 0), 'time').value).toBe(Number.POSITIVE_INFINITY)
  expect(() => ratioOf(runsOf(1), runsOf(1, 2), 'time')).toThrow('the same seeds')
  expect(meanOf(runsOf(3, 3, 3), 'time')).toEqual({ value: 3, low: 3, high: 3 })
})
