import { expect, test } from 'vitest'
import { modelHabits } from './model-habits.ts'
import { ReplyParser } from './reply-parser.ts'

const parts = ['The first thing is this.', ' The second thing is that.', ' And so on.']

function read(bits: readonly string[], of: readonly string[] = parts) {
  const reply = new ReplyParser('Claude', of)
  const found = [...bits.map(bit => reply.feed(bit)), reply.feed('', true)]
  const text = found
    .map(({ text }) => text)
    .join('')
    .trim()
  return { keep: found.find(({ keep }) => keep !== undefined)?.keep, text }
}

test.each(modelHabits.map(habit => [habit.answer, habit] as const))('%j', (_, { answer, keep, text }) => {
  expect(read([answer])).toEqual({ keep, text })
  expect(read([...answer])).toEqual({ keep, text })
})

const listed = ['My reasons are:\n1: the time,\n', '2: the cost,\n']

test.for<readonly [answer: string, text: string, of?: readonly string[]]>([
  ['KEEP 2\n3: the number of people.', '3: the number of people.', listed],
  ['KEEP 2\n4: is a number that I like.', '4: is a number that I like.'],
  ['KEEP 2\n3 people came.', '3 people came.'],
  ['KEEP 2\n3:1 was the result.', '3:1 was the result.'],
  ['KEEP 2\n3. But no.', '3. But no.'],
  ['KEEP 0\n1: the number of people.\n2: the time.', '1: the number of people.\n2: the time.'],
  ['KEEP 0\nContinuing: as I was told to.', 'Continuing: as I was told to.'],
  ['KEEP 2\nContinuing as before would be wrong.', 'Continuing as before would be wrong.'],
  ['KEEP 2\nThe answer: no.', 'The answer: no.'],
  ['KEEP 2\nThat is my plan. Continued: no.', 'That is my plan. Continued: no.'],
])('the text of %j stays as it is', ([answer, text, of]) => {
  expect(read([answer], of).text).toBe(text)
  expect(read([...answer], of).text).toBe(text)
})
