import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RateLimiter } from './rate-limit.ts'

const rate = { per_second: 100, burst: 300 }

test('a burst is allowed at once, then calls per second, and a refusal gives the time to wait', () => {
  const budget = new RateLimiter(rate, 0)
  const first = Array.from({ length: 300 }, () => budget.take(0))
  expect(first.every(wait => wait === 0)).toBe(true)
  expect(budget.take(0)).toBe(10)
  expect(budget.take(4)).toBe(6)
  expect(budget.take(10)).toBe(0)
  expect(budget.take(10)).toBe(10)
})

test('a caller that waits the given time is allowed, and no period allows more than rate and burst', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 600 }), pauses => {
      const budget = new RateLimiter(rate, 0)
      let [now, passed] = [0, 0]
      for (const pause of pauses) {
        now += pause
        const wait = budget.take(now)
        if (wait > 0) {
          now += wait
          expect(budget.take(now)).toBe(0)
        }
        passed++
        expect(passed).toBeLessThanOrEqual(300 + now / 10 + 1)
      }
    }),
  )
})

test('what was charged afterwards is paid off before the next call, and a debt is at most one burst', () => {
  const budget = new RateLimiter(rate, 0)
  budget.take(0)
  budget.charge(399)
  expect(budget.take(0)).toBe(1010)
  budget.charge(1e9)
  expect(budget.take(0)).toBe(3010)
  expect(budget.take(3010)).toBe(0)
})
