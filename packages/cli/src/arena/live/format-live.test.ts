import { expect, test } from 'vitest'
import { palette } from '../../palette.ts'
import { formatLive, formatShare } from './format-live.ts'
import type { LiveRun } from './live-record.ts'

// Figures of Wilson's interval by hand: for none of n it ends at z² / (n + z²), with z = 1.96.
test.each([
  [0, 5, '(0–43)'],
  [5, 5, '(57–100)'],
  [3, 5, '(23–88)'],
  [20, 20, '(84–100)'],
  [1, 1, '(21–100)'],
])('%i of %i solved runs allow for a share in %s', (count, of, interval) => {
  expect(formatShare(count, of)).toBe(interval)
})

/** A run of three messages that took `seconds`. */
const run = (policy: string, solved: 0 | 1, seconds: number): LiveRun => ({
  type: 'run',
  ...{ policy, seed: 1, begun: '', ending: 'at rest', authors: [], messages: [], result: 0, expected: 0 },
  measures: {
    ...{ finished: 1, solved, messages: 3, crossings: 2, repeated: 0, written: 30, discarded: 10, calls: 4 },
    ...{ attemptsMean: 1, attemptsMost: 1, delayMedian: 0, delayP95: 500, delayMost: 500, unevenness: 0 },
    time: 1_000 * seconds,
  },
  tokens: { input: 1_000, output: 234, estimated: false },
})

const plain = palette({ isTTY: false } as never)

test('a table has a row for each policy that was played, with brackets where there is room', () => {
  const runs = [run('hold', 1, 2), run('hold', 0, 4), run('annotate', 0, 3)]
  const rows = (width: number) => formatLive(['hold', 'annotate', 'blind-send'], runs, width, plain).split('\n')
  expect(rows(120).slice(2, 5)).toEqual([
    'hold      1 of 2 (9–91)          2      10  3 (2–4)    0.5      4   1,234',
    'annotate  0 of 1 (0–79)          2      10        3    0.5      4   1,234',
    '',
  ])
  expect(rows(70)[2]).toBe('hold      1 of 2 (9–91)          2      10     3    0.5      4   1,234')
  expect(rows(70)).toContain('Means of a run. With fewer than 5 runs the brackets hold the least and the most.')
})

test('five runs have the interval of their mean', () => {
  const runs = [1, 2, 3, 4, 5].map(seconds => run('hold', 1, seconds))
  const text = formatLive(['hold'], runs, 120, plain)
  const [, low, high] = / 3 \(([\d.]+)–([\d.]+)\)/.exec(text)!
  expect(Number(low)).toBeGreaterThan(1)
  expect(Number(high)).toBeLessThan(5)
  expect(text).toContain('The brackets hold the 95 % interval over the runs.')
})
