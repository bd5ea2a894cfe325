import { prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CROSSED_NAMED, crossedBetween } from './crossed.ts'

const ascending = fc
  .uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 300 })
  .map(seqs => seqs.sort((a, b) => a - b))

prop(
  '[H3] crossed lists the messages of others strictly between base and seq',
  [ascending, fc.nat(420), fc.nat(420)],
  (others, base, seq) => {
    const between = others.filter(other => other > base && other < seq)
    const { crossed = [], crossed_more = 0 } = crossedBetween(others, base, seq)
    expect(crossed).toEqual(between.slice(-CROSSED_NAMED))
    expect(crossed.length + crossed_more).toBe(between.length)
  },
)

test('[H3] a message that crossed none has no crossed', () => {
  expect(crossedBetween([], 0, 9)).toEqual({})
  expect(crossedBetween([1, 2, 3], 3, 4)).toEqual({})
  expect(crossedBetween([5, 6], 2, 5)).toEqual({})
})

test('[H3] the newest hundred are named, the rest are counted', () => {
  const others = Array.from({ length: 101 }, (_, index) => index + 1)
  expect(crossedBetween(others.slice(1), 1, 102)).toEqual({ crossed: others.slice(1) })
  expect(crossedBetween(others, 0, 102)).toEqual({ crossed: others.slice(1), crossed_more: 1 })
})
