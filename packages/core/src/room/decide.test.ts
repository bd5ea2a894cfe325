import { newRoom } from '@midsentence/testing/harness/room-harness'
import { expect, test } from 'vitest'

test('[H1] a push is held by a message its author had not seen at the call', () => {
  const at = newRoom()
  expect(at.push('ann', { base: 0 })).toBe('sent')
  expect(at.push('bob', { base: 0 })).toBe('held')
  expect(at.head).toBe(1)
  expect(at.push('bob', { base: 1 })).toBe('sent')
  expect(at.head).toBe(2)
})

test('[H1] own messages do not hold a push', () => {
  const at = newRoom()
  expect(at.push('ann', { base: 0 })).toBe('sent')
  expect(at.push('ann', { base: 0 })).toBe('sent')
  expect(at.push('bob', { base: 1 })).toBe('held')
})

test('[H1] a second push is sent, unless a newer message arrived', () => {
  const at = newRoom()
  at.push('ann')
  expect(at.push('bob', { base: 0 })).toBe('held')
  at.push('ann')
  expect(at.push('bob', { base: 1 })).toBe('held')
  expect(at.push('bob', { base: 2 })).toBe('sent')
})

test('[H2] an annotate room sends every push and has no streaks and no floor', () => {
  const at = newRoom({ policy: 'annotate' })
  at.push('ann')
  for (let i = 0; i < 9; i++) expect(at.push('bob', { base: 0 })).toBe('sent')
  expect(at.count('bob')).toBe(0)
  expect(at.floor).toBeUndefined()
})

test('[F1] three consecutive counted holds earn the floor, and its holder is sent', () => {
  const at = newRoom()
  expect(at.hold('bob')).toBe('held')
  expect(at.hold('bob')).toBe('held')
  expect(at.floor).toBeUndefined()
  expect(at.hold('bob')).toBe('held')
  expect(at.floor).toBe('bob')
  expect(at.push('ann')).toBe('waiting')
  expect(at.push('bob')).toBe('sent')
})

test('[F1] a hold by no newer message than the last counted hold does not count', () => {
  const at = newRoom()
  at.hold('bob')
  for (let i = 0; i < 5; i++) expect(at.push('bob', { base: 0 })).toBe('held')
  expect(at.count('bob')).toBe(1)
})

test('[F1] a hold whose answer has more does not count', () => {
  const at = newRoom()
  at.hold('bob')
  at.hold('bob')
  at.overflowing.add('bob')
  at.hold('bob')
  expect(at.count('bob')).toBe(2)
  at.overflowing.delete('bob')
  at.hold('bob')
  expect(at.floor).toBe('bob')
})

test('[F1] a streak ends only when a push is sent, a floor ends or the participant leaves', () => {
  const at = newRoom()
  at.hold('bob')
  at.hold('bob')
  at.later(10 * 3_600_000)
  at.tell('bob')
  at.yield('bob')
  at.push('ann')
  at.leave('ann')
  expect(at.count('bob')).toBe(2)
  expect(at.push('bob')).toBe('sent')
  expect(at.count('bob')).toBe(0)

  at.hold('bob')
  at.leave('bob')
  expect(at.count('bob')).toBe(0)

  at.earn('bob')
  expect(at.count('bob')).toBe(3)
  at.yield('bob')
  expect(at.count('bob')).toBe(0)
})

test('[F1] a message that ignores holds ends its author’s streak', () => {
  const at = newRoom()
  at.hold('bob')
  at.push('bob', { ignoresHolds: true })
  expect(at.count('bob')).toBe(0)
})
