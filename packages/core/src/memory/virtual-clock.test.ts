import { prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { virtualClock } from './virtual-clock.ts'

prop('timers run once, by due time, then by creation', [fc.array(fc.nat(20), { maxLength: 20 })], async delays => {
  const clock = virtualClock()
  const ran: { at: number; index: number }[] = []
  for (const [index, ms] of delays.entries()) clock.after(ms, () => ran.push({ at: clock.monotonic(), index }))
  await clock.advance(10)
  await clock.advance(10)
  const expected = delays.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at || a.index - b.index)
  expect(ran).toEqual(expected)
  expect(clock.pending).toBe(0)
})

test('time moves only by advance', async () => {
  const clock = virtualClock(1_000)
  expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0])
  await clock.advance(250)
  expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250])
})

test('a timer created by a timer runs at its due time, within the same advance', async () => {
  const clock = virtualClock()
  const ran: string[] = []
  const note = (what: string) => ran.push(`${what} at ${clock.monotonic()}`)
  clock.after(10, () => {
    note('outer')
    clock.after(0, () => note('at once'))
    clock.after(5, () => note('inner'))
    clock.after(50, () => note('too late'))
  })
  clock.after(12, () => note('between'))
  await clock.advance(20)
  expect(ran).toEqual(['outer at 10', 'at once at 10', 'between at 12', 'inner at 15'])
  expect(clock.monotonic()).toBe(20)
  expect(clock.pending).toBe(1)
})

test('promises that a timer settles run before the next timer', async () => {
  const clock = virtualClock()
  const ran: string[] = []
  clock.after(1, async () => {
    for (let i = 0; i < 10; i++) await undefined
    ran.push('first, all of it')
    clock.after(0, () => ran.push('what it made'))
  })
  clock.after(2, () => ran.push('second'))
  await clock.advance(5)
  expect(ran).toEqual(['first, all of it', 'what it made', 'second'])
})

test('a cancelled timer does not run; cancel is idempotent', async () => {
  const clock = virtualClock()
  const ran: string[] = []
  const cancel = clock.after(1, () => ran.push('cancelled'))
  const later = clock.after(2, () => ran.push('kept'))
  cancel()
  cancel()
  await clock.advance(5)
  later()
  expect(ran).toEqual(['kept'])
})

test('no timer runs synchronously, also with a delay of 0', async () => {
  const clock = virtualClock()
  const ran: string[] = []
  clock.after(-5, () => ran.push('due'))
  expect(ran).toEqual([])
  await clock.settle()
  expect(ran).toEqual(['due'])
  expect(clock.monotonic()).toBe(0)
})

test('time never decreases, also with two concurrent advances', async () => {
  const clock = virtualClock()
  await Promise.all([clock.advance(20), clock.advance(10)])
  expect(clock.monotonic()).toBe(20)
})
