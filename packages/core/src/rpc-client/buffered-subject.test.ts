import { expect, test } from 'vitest'
import { BufferedSubject } from './buffered-subject.ts'

const listen = (inlet: BufferedSubject<number>, seen: number[] = []) => {
  inlet.values$.subscribe({ next: value => seen.push(value), complete: () => seen.push(-1) })
  return seen
}

test('keeps what comes before the first subscriber, in order, and is hot after that', () => {
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

test('gives what was kept also when it was complete before', () => {
  const inlet = new BufferedSubject<number>()
  inlet.next(1)
  inlet.complete()
  inlet.next(2)
  expect(listen(inlet)).toEqual([1, -1])
})

test('what a subscriber sets off goes behind what was kept', () => {
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
