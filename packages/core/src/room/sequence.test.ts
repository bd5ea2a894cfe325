import { prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addMessage, emptySequence, newestOther } from './sequence.ts'

prop('[H1] newestOther equals a search of the whole log', [fc.array(fc.constantFrom('a', 'b', 'c'))], log => {
  let sequence = emptySequence
  for (let length = 0; length <= log.length; length++) {
    expect(sequence.head).toBe(length)
    for (const session of ['a', 'b', 'c', 'd']) {
      expect(newestOther(sequence, session)).toBe(log.slice(0, length).findLastIndex(by => by !== session) + 1)
    }
    sequence = addMessage(sequence, log[length] ?? 'a')
  }
})

test('[H1] one’s own messages are never unseen', () => {
  const alone = ['a', 'a', 'a'].reduce(addMessage, emptySequence)
  expect(newestOther(alone, 'a')).toBe(0)
  expect(newestOther(alone, 'b')).toBe(3)
})
