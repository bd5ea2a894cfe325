import { expect, test } from 'vitest'
import { virtualClock } from '../../memory/virtual-clock.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Deadline, DeadlineQueue } from './deadline-queue.ts'

class Item {
  deadline: Deadline<Item> | undefined
  at: number
  readonly handled: number[] = []
  constructor(at: number) {
    this.at = at
  }
}

function queueOf(clock: Clock) {
  let handled = 0
  const queue = new DeadlineQueue<Item>(clock, (item, now) => {
    handled++
    if (item.at > now) return item.at
    item.handled.push(now)
    return Number.POSITIVE_INFINITY
  })
  return { queue, handled: () => handled }
}

test('items are handled when they are due, also where that moved to later or to earlier', async () => {
  const clock = virtualClock()
  const { queue } = queueOf(clock)
  const [later, earlier, gone] = [new Item(10), new Item(100), new Item(10)]
  for (const item of [later, earlier, gone]) queue.schedule(item, item.at)
  later.at = 50
  earlier.at = 20
  queue.schedule(later, 50)
  queue.schedule(earlier, 20)
  queue.remove(gone)
  await clock.advance(1000)
  expect([later.handled, earlier.handled, gone.handled]).toEqual([[50], [20], []])
  expect([queue.size, clock.pending]).toEqual([0, 0])
})

test('its cost follows what is due, not how many items there are', async () => {
  const clock = virtualClock()
  const { queue, handled } = queueOf(clock)
  for (let at = 0; at < 20_000; at++) queue.schedule(new Item(1000 + at), 1000 + at)
  await clock.advance(1999)
  expect(handled()).toBe(1000)
  await clock.advance(1)
  expect(handled()).toBe(1001)
})

test('an item that comes and goes leaves no entries', () => {
  const { queue } = queueOf(virtualClock())
  const [item, other] = [new Item(0), new Item(0)]
  queue.schedule(other, 5)
  for (let at = 1_000_000; at > 0; at -= 10) queue.schedule(item, at)
  expect(queue.size).toBeLessThanOrEqual(2 * 2 + 65)
  for (let round = 0; round < 1000; round++) {
    queue.remove(item)
    queue.schedule(item, 10)
  }
  expect(queue.size).toBeLessThanOrEqual(2 * 2 + 65)
})

test('many items that are due at once are handled in several turns', async () => {
  const clock = virtualClock()
  const { queue, handled } = queueOf(clock)
  const perTurn: number[] = []
  const counted: Clock = {
    ...clock,
    after: (ms, run) =>
      clock.after(ms, () => {
        const before = handled()
        run()
        perTurn.push(handled() - before)
      }),
  }
  const slow = queueOf(counted)
  for (let nth = 0; nth < 1200; nth++) slow.queue.schedule(new Item(10), 10)
  await clock.advance(10)
  expect(slow.handled()).toBe(1200)
  expect(perTurn.length).toBe(3)
  queue.close()
})
