import { expect, test } from 'vitest'
import { backoffDelay, defaultBackoff } from './backoff.ts'

test('the wait doubles from 0.5 s to 15 s, random within its upper half', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 1000].map(failures => backoffDelay(failures, defaultBackoff, () => 1))
  expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
  expect(backoffDelay(1, defaultBackoff, () => 0)).toBe(250)
})
