import { newRoom } from '@midsentence/testing/harness/room-harness'
import { expect, test } from 'vitest'
import { nextDeadline } from './decide.ts'
import type { RoomFact } from './facts.ts'

test('[F4] floors are granted in the order they were earned, with or without a waiting push', () => {
  const at = newRoom()
  for (const name of ['ann', 'bob', 'cid', 'dan']) at.hold(name, 'talker')
  for (const name of ['ann', 'bob', 'cid', 'dan']) at.hold(name, 'talker')
  at.hold('ann')
  expect(at.floor).toBe('ann')
  at.earn('cid')
  at.earn('bob')
  expect(at.room.floorQueue.map(({ name }) => name)).toEqual(['cid', 'bob'])
  expect(at.push('ann')).toBe('sent')
  expect(at.floor).toBe('cid')
  expect(at.push('cid')).toBe('sent')
  expect(at.floor).toBe('bob')
  at.yield('bob')
  expect(at.floor).toBeUndefined()
})

test('[F4] a participant that leaves loses its place in the queue', () => {
  const at = newRoom()
  at.earn('ann')
  at.earn('bob')
  at.leave('bob')
  expect(at.room.floorQueue).toEqual([])
  at.push('ann')
  expect(at.floor).toBeUndefined()
})

test('[F4] during a floor the pushes of others wait, also pushes that would not be held', () => {
  const at = newRoom()
  at.earn('ann')
  const waiting = at.publish('bob')
  expect(at.verdict(waiting)).toBe('waiting')
  expect(nextDeadline(at.room)).toBe(25_000)
  at.later(10_000)
  at.push('ann')
  expect(at.verdict(waiting)).toBe('held')
})

test('[F4] when a floor ends and the queue is empty, waiting pushes are judged one at a time, in order', () => {
  const at = newRoom()
  at.earn('ann')
  const head = at.head
  const bob = at.publish('bob')
  const cid = at.publish('cid')
  const dan = at.publish('dan', { base: head - 1 })
  const facts = at.yield('ann')
  expect(facts.map(({ type }) => type)).toEqual(['floor.ended', 'sent', 'held', 'held'])
  expect([bob, cid, dan].map(at.verdict)).toEqual(['sent', 'held', 'held'])
})

test('[F4] waiting pushes are judged until one of them gets the floor', () => {
  const at = newRoom()
  at.hold('cid')
  at.hold('cid')
  at.earn('ann')
  const bob = at.publish('bob')
  const cid = at.publish('cid')
  const dan = at.publish('dan')
  at.yield('ann')
  expect([bob, cid, dan].map(at.verdict)).toEqual(['sent', 'held', 'waiting'])
  expect(at.floor).toBe('cid')
  expect(at.push('cid')).toBe('sent')
  expect(at.verdict(dan)).toBe('held')
})

test('[F4] a waiting push whose author gets the floor is judged at once, by the messages before the floor', () => {
  const at = newRoom()
  at.hold('bob')
  at.hold('bob')
  at.earn('ann')
  at.push('bob', { timeout_ms: 0 })
  const bob = at.publish('bob')
  at.yield('ann')
  expect(at.verdict(bob)).toBe('sent')
  expect(at.floor).toBeUndefined()
})

test('[F2] a floor lasts 60 s', () => {
  const at = newRoom()
  at.earn('bob')
  expect(at.left).toBe(60_000)
  expect(nextDeadline(at.room)).toBe(60_000)
  at.later(59_999)
  expect(at.floor).toBe('bob')
  at.later(1)
  expect(at.floor).toBeUndefined()
})

test('[F2] the first answer that announces a floor restarts its time, once', () => {
  const at = newRoom()
  at.earn('ann')
  for (const _ of [1, 2, 3]) at.push('bob', { timeout_ms: 0 })
  at.later(30_000)
  at.push('ann')
  expect(at.floor).toBe('bob')
  at.later(40_000)
  expect(at.left).toBe(20_000)
  at.tell('ann')
  expect(at.left).toBe(20_000)
  at.tell('bob')
  expect(at.left).toBe(60_000)
  at.later(40_000)
  at.tell('bob')
  expect(at.left).toBe(20_000)
})

test('[F2] the hold that earns a floor announces it', () => {
  const at = newRoom()
  at.earn('bob')
  at.later(40_000)
  at.tell('bob')
  expect(at.left).toBe(20_000)
})

test('[F2] a floor ends when a push of its holder is sent, not when it is held', () => {
  const at = newRoom()
  at.earn('bob')
  expect(at.push('bob', { base: 0 })).toBe('held')
  expect(at.floor).toBe('bob')
  expect(at.push('bob')).toBe('sent')
  expect(at.floor).toBeUndefined()
})

test('[F2] a floor ends when its holder yields or leaves, and after its time', () => {
  const ends = (end: (at: ReturnType<typeof newRoom>) => RoomFact[]) => {
    const at = newRoom()
    at.earn('bob')
    const fact = end(at).find(({ type }) => type === 'floor.ended')
    expect(at.floor).toBeUndefined()
    return fact
  }
  expect(ends(at => at.yield('bob'))).toMatchObject({ name: 'bob', why: 'yielded' })
  expect(ends(at => at.leave('bob'))).toMatchObject({ name: 'bob', why: 'left' })
  expect(ends(at => at.later(60_000))).toMatchObject({ name: 'bob', why: 'time' })
})

test('[F2] a yield by another participant has no effect', () => {
  const at = newRoom()
  at.earn('bob')
  at.yield('ann')
  expect(at.floor).toBe('bob')
})

test('[F2] any command expires an overdue floor', () => {
  const at = newRoom()
  at.earn('bob')
  const ann = at.publish('ann', { timeout_ms: 200_000 })
  const facts = at.later(100_000)
  expect(facts[0]).toMatchObject({ type: 'floor.ended', why: 'time', at: 60_000 })
  expect(at.verdict(ann)).toBe('sent')
})

test('[F3] after a floor its name gets none for as long as it had it', () => {
  const at = newRoom()
  at.earn('bob')
  at.later(7_000)
  expect(at.push('bob')).toBe('sent')
  expect(at.rest('bob')).toBe(7_000)
  at.earn('bob')
  expect(at.floor).toBeUndefined()
  expect(at.count('bob')).toBe(3)
  at.later(7_000)
  at.hold('bob')
  expect(at.floor).toBe('bob')
})

test.each([
  ['yields', (at: ReturnType<typeof newRoom>) => at.yield('bob'), 70_000],
  ['leaves', (at: ReturnType<typeof newRoom>) => at.leave('bob'), 70_000],
  ['lets time run out', (at: ReturnType<typeof newRoom>) => at.later(53_000), 600_000],
])('[F3] ten times as long for who sends nothing and %s', (_, end, rest) => {
  const at = newRoom()
  at.earn('bob')
  at.later(7_000)
  end(at)
  expect(at.rest('bob')).toBe(rest)
})

test('[F3] the rest applies to the name, by its lower case, in any session', () => {
  const at = newRoom()
  at.earn('Bob')
  at.later(10_000)
  at.leave('Bob')
  at.earn('BOB')
  expect(at.floor).toBeUndefined()
  at.earn('cid')
  expect(at.floor).toBe('cid')
})

test('[F3] a rest ends by itself and is removed', () => {
  const at = newRoom()
  at.earn('bob')
  at.later(1_000)
  at.push('bob')
  at.later(1_000)
  at.earn('ann')
  at.yield('ann')
  expect([...at.room.cooldowns.keys()]).toEqual(['ann'])
})

test('[F3] an idle floor blocks a room at most an eleventh of the time', () => {
  const at = newRoom()
  let had = 0
  for (let second = 0; second < 6600; second++) {
    if (at.floor) had++
    else at.hold('bob')
    at.later(1000)
  }
  expect(had).toBeGreaterThan(0)
  expect(had).toBeLessThanOrEqual(6600 / 11)
})

test('[F5] a push waits for a floor at most timeout_ms, by default 25 s', () => {
  const at = newRoom()
  at.earn('ann')
  const bob = at.publish('bob')
  const cid = at.publish('cid', { timeout_ms: 5_000 })
  at.later(5_000)
  expect([bob, cid].map(at.verdict)).toEqual(['waiting', 'timed-out'])
  at.later(20_000)
  expect(at.verdict(bob)).toBe('timed-out')
  expect(at.floor).toBe('ann')
})

test('[F5] a push with timeout 0 is answered at once; none waits longer than the maximum', () => {
  const at = newRoom()
  at.earn('ann')
  expect(at.push('bob', { timeout_ms: 0 })).toBe('timed-out')
  expect(at.push('cid', { timeout_ms: -1 })).toBe('timed-out')
  at.publish('dan', { timeout_ms: Number.POSITIVE_INFINITY })
  expect(at.room.waiting[0]?.deadline).toBe(240_000)
})

test('[F5] a timed-out wait counts like a hold; three earn the floor', () => {
  const at = newRoom()
  at.earn('ann')
  at.hold('bob')
  for (const count of [1, 2]) {
    expect(at.count('bob')).toBe(count - 1)
    at.push('bob', { timeout_ms: 0 })
  }
  at.push('bob', { timeout_ms: 0 })
  expect(at.room.floorQueue).toEqual([{ session: 'bob', name: 'bob' }])
  at.yield('ann')
  expect(at.floor).toBe('bob')
})

test('[F5] a push whose wait ends together with the floor is judged', () => {
  const at = newRoom()
  at.earn('ann')
  const bob = at.publish('bob', { timeout_ms: 60_000 })
  at.later(60_000)
  expect(at.verdict(bob)).toBe('sent')
})

test('[F5] a push whose session leaves gets no verdict', () => {
  const at = newRoom()
  at.earn('ann')
  const bob = at.publish('bob')
  at.leave('bob')
  at.yield('ann')
  expect(at.verdict(bob)).toBe('waiting')
  expect(at.room.waiting).toEqual([])
})

test('[F4] a push that ignores holds is sent at once, never waits for a floor and never holds its holder', () => {
  const at = newRoom()
  at.earn('bob')
  const head = at.head
  expect(at.push('old', { base: 0, ignoresHolds: true })).toBe('sent')
  expect(at.floor).toBe('bob')
  expect(at.push('bob', { base: head })).toBe('sent')
  expect(at.push('cid', { base: head })).toBe('held')
})

test('a tick changes nothing if nothing is due', () => {
  const at = newRoom()
  expect(at.later(1e9)).toEqual([])
  expect(nextDeadline(at.room)).toBeUndefined()
})
