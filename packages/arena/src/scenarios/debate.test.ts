import { expect, test } from 'vitest'
import { randomFrom } from '../random.ts'
import { debate } from './debate.ts'
import { proseFrom } from './prose.ts'
import { runSerially } from './scenario.ts'

const AUTHORS = ['Ada', 'Ben', 'Cleo']

// With seed 1, Ada has the points 2 and 6, Ben 5 and 3, Cleo 1 and 4. Point 1 refutes 2 and 3, and point 5 refutes 4.
const task = debate.deal(AUTHORS, randomFrom(1), proseFrom(1))
const conversation = (...messages: (readonly [sender_id: string, content: string])[]) =>
  messages.map(([sender_id, content], index) => ({ seq: index + 1, sender_id, content }))
const resultOf = (...messages: (readonly [string, string])[]) => task.result(conversation(...messages))

test('points are raised, then the earliest open one is answered or conceded', () => {
  const said: [string, string][] = []
  const say = (author: string, content: string) => said.push([author, content])
  const planOf = (author: string) =>
    /(?:Point|Answer to point|I concede point) \d/.exec(task.plan(author, conversation(...said))?.join('') ?? '')?.[0]
  expect(AUTHORS.map(planOf)).toEqual(['Point 2', 'Point 5', 'Point 4'])
  say('Cleo', '**Point 4.** It is far.')
  say('Ben', 'Point 5.')
  say('Ada', 'Point 2.')
  expect(AUTHORS.map(planOf)).toEqual(['Point 6', 'Point 3', 'Point 1'])
  say('Cleo', 'Point 1: we have point 2 already.')
  expect(AUTHORS.map(planOf)).toEqual(['Point 6', 'Answer to point 4', 'Answer to point 5'])
  say('Ada', 'Point 6.')
  expect(AUTHORS.map(planOf)).toEqual(['Answer to point 4', 'Answer to point 4', 'Answer to point 5'])
  say('Cleo', 'You are right there. I concede point 4.')
  expect(AUTHORS.map(planOf)).toEqual(['Answer to point 5', 'Answer to point 2', 'Answer to point 5'])
  say('Cleo', 'Answer to point 5. It is not.')
  expect(planOf('Ada')).toBe('I concede point 2')
  expect(planOf('Cleo')).toBe('Answer to point 2')
})

test('the result counts no answer twice, and none that comes after the concession', () => {
  const firm = [
    ['Ada', 'Point 6.'],
    ['Ben', 'Point 5.'],
    ['Cleo', 'Point 1.'],
    ['Ben', 'Answer to point 6.'],
    ['Ada', 'Answer to point 1.'],
    ['Ada', 'Answer to point 5.'],
  ] as const
  const serial = { givenUp: [2, 3, 4], answered: [6, 5, 1], wasted: [] }
  expect(task.result(runSerially(task, AUTHORS))).toEqual(serial)
  expect(resultOf(...firm)).toEqual(serial)
  const [raise, answer, concede] = [
    ['Ada', 'Point 2.'],
    ['Ben', 'Answer to point 2.'],
    ['Ada', 'I concede point 2.'],
  ] as const
  expect(resultOf(...firm, raise, answer, concede)).toEqual(serial)
  expect(resultOf(...firm, raise, concede)).toEqual(serial)
  expect(resultOf(...firm, raise, answer)).not.toEqual(serial)
  expect(resultOf(...firm, raise, concede, answer)).toMatchObject({ wasted: [2] })
  expect(resultOf(...firm, ['Cleo', 'Answer to point 5.'])).toMatchObject({ wasted: [5] })
  expect(resultOf(...firm.slice(0, -1))).not.toEqual(serial)
})
