import { expect, test } from 'vitest'
import { BufferedSubject } from './buffered-subject.ts'

const listen = (inlet: BufferedSubject<number>, seen: number[] = []) => {
  inlet.values$.subscribe({ next: value => seen.push(value), complete: () => seen.push(-1) })
  return seen
}

test('buffers values for the first subscriber, in order, then is hot', () => {
  const inlet = new BufferedSubject<number>()
  inlet.next(1)
  inlet.next(2)
  const first = listen(inlet)
  inlet.next(3)
  const second = listen(inlet)
  inlet.next(4)
  inlet.complete()
  inlet.next(5)
  expect(first).toEqual([1, 2, 3, 4, -1])
  expect(second).toEqual([4, -1])
})

test('emits buffered values also after complete', () => {
  const inlet = new BufferedSubject<number>()
  inlet.next(1)
  inlet.complete()
  inlet.next(2)
  expect(listen(inlet)).toEqual([1, -1])
})

test('values caused by a subscriber follow the buffered values', () => {
  const inlet = new BufferedSubject<number>()
  inlet.next(1)
  inlet.next(2)
  const seen: number[] = []
  inlet.values$.subscribe(value => {
    seen.push(value)
    if (value === 1) inlet.next(3)
  })
  expect(seen).toEqual([1, 2, 3])
})
