import { newRoom } from '@midsentence/testing/harness/room-harness'
import { expect, test } from 'vitest'

test('[H1] a push is held by a message its author had not been given when it called', () => {
  const at = newRoom()
  expect(at.push('ann', { base: 0 })).toBe('sent')
  expect(at.push('bob', { base: 0 })).toBe('held')
  expect(at.head).toBe(1)
  expect(at.push('bob', { base: 1 })).toBe('sent')
  expect(at.head).toBe(2)
})

test('[H1] one’s own messages hold nobody back who wrote them', () => {
  const at = newRoom()
  expect(at.push('ann', { base: 0 })).toBe('sent')
  expect(at.push('ann', { base: 0 })).toBe('sent')
  expect(at.push('bob', { base: 1 })).toBe('held')
})

test('[H1] pushing again sends it, unless something newer came', () => {
  const at = newRoom()
  at.push('ann')
  expect(at.push('bob', { base: 0 })).toBe('held')
  at.push('ann')
  expect(at.push('bob', { base: 1 })).toBe('held')
  expect(at.push('bob', { base: 2 })).toBe('sent')
})

test('[H2] an annotating room sends always, and knows no rows and no floor', () => {
  const at = newRoom({ policy: 'annotate' })
  at.push('ann')
  for (let i = 0; i < 9; i++) expect(at.push('bob', { base: 0 })).toBe('sent')
  expect(at.count('bob')).toBe(0)
  expect(at.floor).toBeUndefined()
})

test('[F1] three counted holds in a row earn the floor, whose holder is then sent', () => {
  const at = newRoom()
  expect(at.hold('bob')).toBe('held')
  expect(at.hold('bob')).toBe('held')
  expect(at.floor).toBeUndefined()
  expect(at.hold('bob')).toBe('held')
  expect(at.floor).toBe('bob')
  expect(at.push('ann')).toBe('waiting')
  expect(at.push('bob')).toBe('sent')
})

test('[F1] a hold by nothing newer than at the last counted one does not count', () => {
  const at = newRoom()
  at.hold('bob')
  for (let i = 0; i < 5; i++) expect(at.push('bob', { base: 0 })).toBe('held')
  expect(at.count('bob')).toBe(1)
})

test('[F1] an answer with more counts neither way', () => {
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

test('[F1] the row ends when a push is sent, a floor ends or one leaves, and by nothing else', () => {
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

test('[F1] a message said free of the rules ends its author’s row like any other', () => {
  const at = newRoom()
  at.hold('bob')
  at.push('bob', { free: true })
  expect(at.count('bob')).toBe(0)
})
