import { prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect } from 'vitest'
import { dequeue, emptyQueue, enqueue, itemsOf, type Queue } from './queue.ts'

prop('a queue behaves like an array', [fc.array(fc.oneof(fc.nat(), fc.constant('take' as const)))], steps => {
  let queue: Queue<number> = emptyQueue
  const items: number[] = []
  for (const step of steps) {
    const before = queue
    if (step === 'take') {
      const next = dequeue(queue)
      expect(next?.item).toBe(items.shift())
      queue = next?.rest ?? queue
    } else {
      items.push(step)
      queue = enqueue(queue, step)
    }
    expect([...itemsOf(queue)]).toEqual(items)
    if (step !== 'take') expect([...itemsOf(before)]).toEqual(items.slice(0, -1))
  }
})
