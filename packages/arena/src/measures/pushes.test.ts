import { expect, test } from 'vitest'
import type { ObservedCall } from '../run/observed-calls.ts'
import { judgedPushesOf } from './pushes.ts'

const call = (method: ObservedCall['method'], at: number, more: Partial<ObservedCall> = {}): ObservedCall => ({
  method,
  called_at: at,
  answered_at: at,
  given: [],
  ...more,
})
const held = (at: number, after: number, ...given: number[]) => call('push', at, { held: true, after, given })
const sent = (at: number, after: number) => call('push', at, { seq: after + 1, after })
const own = (for_ms: number) => ({ floor: { name: 'Ada', for_ms } })

/** The judged pushes of each message; `?` if P6 does not limit them, `…` if it was not sent. */
const summary = (...calls: ObservedCall[]) =>
  judgedPushesOf({ name: 'Ada', calls }).map(
    ({ judged, isSent, isLimited }) => `${judged}${isLimited ? '' : '?'}${isSent ? '' : '…'}`,
  )

test('pushes are counted for each message, other calls are not', () => {
  expect(
    summary(
      held(1, 0, 1),
      call('append', 2),
      held(3, 1, 2, 3),
      sent(4, 3),
      call('check', 5),
      sent(6, 4),
      held(7, 5, 6),
    ),
  ).toEqual(['3', '1', '1…'])
  expect(summary()).toEqual([])
})

test('a push that only waited for the floor of another is not judged', () => {
  const waited = call('push', 1, { held: true, after: 0, floor: { name: 'Ben', for_ms: 9 } })
  expect(summary(waited, sent(2, 0))).toEqual(['1'])
})

test('an author that pushes again too late, or has not read what it was held for, is not limited', () => {
  expect(summary(held(0, 0, 1), sent(59_999, 1))).toEqual(['2'])
  expect(summary(held(0, 0, 1), sent(60_000, 1), sent(60_001, 2))).toEqual(['2?', '1'])
  expect(summary(held(0, 0, 1, 2), held(1, 1, 2), sent(2, 2))).toEqual(['3?'])
})

test('pushes while the name rests are left out', () => {
  // It has the floor from 1000 to 5000, and sends. Its name rests until 9000.
  const floor = [{ ...held(1_000, 0, 1), ...own(60_000) }, sent(5_000, 1)]
  expect(summary(...floor, held(8_999, 2, 3), sent(9_000, 3))).toEqual(['2', '1'])
  expect(summary(...floor, held(9_000, 2, 3), sent(9_001, 3))).toEqual(['2', '2'])
  // Its check ends the floor, without a message, at 2000: it rests ten times 1000, until 12 000.
  const wasted = [{ ...held(1_000, 0, 1), ...own(60_000) }, call('check', 2_000)]
  expect(summary(...wasted, held(11_999, 1, 2), sent(12_000, 2))).toEqual(['2'])
  expect(summary(...wasted, held(12_000, 1, 2), sent(12_001, 2))).toEqual(['3'])
  // A check that says it has the floor still does not end it. It runs out at 61 000: it rests until 661 000.
  const kept = [{ ...held(1_000, 0, 1), ...own(60_000) }, call('check', 2_000, own(59_000))]
  expect(summary(...kept, held(660_999, 1, 2), sent(661_000, 2))).toEqual(['2?'])
})
