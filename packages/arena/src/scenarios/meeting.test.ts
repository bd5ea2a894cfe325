import { expect, test } from 'vitest'
import { randomFrom } from '../random.ts'
import { meeting } from './meeting.ts'
import { proseFrom } from './prose.ts'
import { PERSON, runSerially, type Task } from './scenario.ts'

const AUTHORS = ['Ada', 'Ben']
const deal = (seed: number) => meeting.deal(AUTHORS, randomFrom(seed), proseFrom(seed))
const conversation = (...messages: (readonly [sender_id: string, content: string])[]) =>
  messages.map(([sender_id, content], index) => ({ seq: index + 1, sender_id, content }))
const factsOf = (plan: readonly string[] | undefined) =>
  /I propose [^.]*|I am free .*\d\d?:00/.exec(plan?.join('') ?? '')?.[0]

// With seed 4, both are free on Monday at 16:00, Wednesday at 11:00, Thursday at 11:00 and Friday at 11:00. The room is taken on
// Thursday at 11:00.
const task: Task = deal(4)
const ada =
  'I am free on Monday at 16:00, Tuesday at 16:00, Wednesday at 11:00, Thursday at 11:00, Thursday at 16:00, Friday at 11:00.'
const ben =
  'I am free on Monday at 9:00, Monday at 16:00, Wednesday at 9:00, Wednesday at 11:00, Thursday at 11:00, Friday at 11:00.'
const benCorrected = ben.replace('Wednesday at 11:00', 'Monday at 14:00')
const taken = 'One more thing: the room is taken on Monday at 16:00.'
const freed = 'Forget that the room is taken on Thursday at 11:00: it is free.'
const corrected = 'Correction: Ben is not free on Wednesday at 11:00 but on Monday at 14:00.'

test('authors say their slots, then propose the earliest one, again after each change', () => {
  expect(task.news!.map(({ content }) => content)).toEqual([taken, freed, corrected])
  const said: [string, string][] = []
  const planOf = (author: string) => factsOf(task.plan(author, conversation(...said)))
  expect(planOf('Ben')).toMatch(
    /^I am free on Monday at 9:00\. I could also make it on Monday at 16:00\. .* on Friday at 11:00$/,
  )
  said.push(['Ada', ada])
  expect(planOf('Ada')).toBeUndefined()
  said.push(['Ben', ben])
  expect(planOf('Ada')).toBe('I propose Monday at 16:00')
  said.push([PERSON, taken])
  expect(planOf('Ada')).toBe('I propose Wednesday at 11:00')
  said.push(['Ada', 'So **I propose wednesday 11:00**, then.'])
  expect([planOf('Ada'), planOf('Ben')]).toEqual([undefined, undefined])
  said.push([PERSON, corrected])
  expect(planOf('Ben')).toMatch(/^I am free on Monday at 9:00\. .* on Monday at 14:00\. /)
  expect(planOf('Ada')).toBeUndefined()
  said.push(['Ben', benCorrected])
  expect(planOf('Ben')).toBe('I propose Friday at 11:00')
  said.push([PERSON, freed])
  expect(planOf('Ada')).toBe('I propose Thursday at 11:00')
})

test('the result has the newest proposal, as often as it was made, and the slots said last', () => {
  const right = task.result(runSerially(task, AUTHORS))
  const start = [
    [PERSON, freed],
    [PERSON, taken],
    ['Ada', ada],
    ['Ben', ben],
    [PERSON, corrected],
  ] as const
  const resultOf = (...end: (readonly [string, string])[]) => task.result(conversation(...start, ...end))
  const again = ['Ben', benCorrected] as const
  const [thursday, friday] = [
    ['Ada', 'I propose Thursday at 11:00.'],
    ['Ben', 'I propose Friday at 11:00.'],
  ] as const
  expect(resultOf(again, thursday)).toEqual(right)
  expect(resultOf(friday, thursday, again)).toEqual(right)
  expect(resultOf(again, thursday, friday)).not.toEqual(right)
  expect(resultOf(again, thursday, thursday)).not.toEqual(right)
  expect(resultOf(again)).not.toEqual(right)
  expect(resultOf(thursday)).not.toEqual(right)
})

test('without the news, authors agree on another slot', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const { news, ...rest } = deal(seed)
    const [, before] = /taken on (.+): it/.exec(news!.map(({ content }) => content).join('\n'))!
    const ignorant = { ...rest, news: [] }
    expect(deal(seed).result(runSerially(deal(seed), AUTHORS))).toMatchObject({ proposals: [before] })
    expect(ignorant.result(runSerially(ignorant, AUTHORS))).not.toMatchObject({ proposals: [before] })
  }
})
