import { expect, test } from 'vitest'
import { modelHabits } from './model-habits.ts'
import { ReplyParser } from './reply-parser.ts'

const parts = ['The first thing is this.', ' The second thing is that.', ' And so on.']

function read(bits: readonly string[]) {
  const reply = new ReplyParser('Claude', parts)
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
