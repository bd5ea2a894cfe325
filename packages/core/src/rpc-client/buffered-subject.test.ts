import { expect, test } from 'vitest'
import { BufferedSubject } from './buffered-subject.ts'

const listen = (subject: BufferedSubject<number>, seen: number[] = []) => {
  subject.values$.subscribe({ next: value => seen.push(value), complete: () => seen.push(-1) })
  return seen
}

test('buffers values for the first subscriber, in order, then is hot', () => {
  const subject = new BufferedSubject<number>()
  subject.next(1)
  subject.next(2)
  const first = listen(subject)
  subject.next(3)
  const second = listen(subject)
  subject.next(4)
  subject.complete()
  subject.next(5)
  expect(first).toEqual([1, 2, 3, 4, -1])
  expect(second).toEqual([4, -1])
})

test('emits buffered values also after complete', () => {
  const subject = new BufferedSubject<number>()
  subject.next(1)
  subject.complete()
  subject.next(2)
  expect(listen(subject)).toEqual([1, -1])
})

test('values caused by a subscriber follow the buffered values', () => {
  const subject = new BufferedSubject<number>()
  subject.next(1)
  subject.next(2)
  const seen: number[] = []
  subject.values$.subscribe(value => {
    seen.push(value)
    if (value === 1) subject.next(3)
  })
  expect(seen).toEqual([1, 2, 3])
})
