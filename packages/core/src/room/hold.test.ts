import { expect, test } from 'vitest'
import { countHold, countWait, noStreak } from './hold.ts'

test('[F1] a hold counts if a newer message than at the last counted hold caused it', () => {
  const first = countHold(noStreak, 4, false)
  expect(first).toEqual({ count: 1, newest: 4 })
  expect(countHold(first, 4, false)).toEqual(first)
  expect(countHold(first, 3, false)).toEqual(first)
  expect(countHold(first, 5, false)).toEqual({ count: 2, newest: 5 })
})

test('[F1] an answer that could not show everything does not count', () => {
  const streak = { count: 2, newest: 4 }
  expect(countHold(streak, 9, true)).toEqual(streak)
  expect(countHold(countHold(streak, 9, true), 9, false)).toEqual({ count: 3, newest: 9 })
})

test('[F5] a timed-out wait counts and keeps the newest message', () => {
  expect(countWait({ count: 1, newest: 4 })).toEqual({ count: 2, newest: 4 })
  expect(countWait(noStreak)).toEqual({ count: 1, newest: 0 })
})
