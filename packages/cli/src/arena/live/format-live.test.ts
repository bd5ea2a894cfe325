import { expect, test } from 'vitest'
import { formatShare } from './format-live.ts'

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
