import { describe, expect, test } from 'vitest'
import { measure } from '../measures/measure.ts'
import { policies } from '../policies/policies.ts'
import { randomFrom } from '../random.ts'
import { authorNames, type Lineup, lineups } from '../run/lineup.ts'
import { run } from '../run/run.ts'
import { profiles, type WriterProfile } from '../writers/writer.ts'
import { allScenarios } from './all-scenarios.ts'
import { proseFrom } from './prose.ts'
import { runSerially, type TaskMessage } from './scenario.ts'

const perfect: WriterProfile = { ...profiles.hosted, notices: [1, 1], repairs: [1, 1], keeps: [1, 1] }
const hold = policies.find(({ name }) => name === 'hold')!
const seeds = [1, 2]
const counts = [1, 2, 3, 5, 16]

describe.each(allScenarios)('$name', scenario => {
  const dealt = counts.flatMap(count =>
    seeds.map(seed => {
      const authors = authorNames.slice(0, count)
      return { authors, seed, task: scenario.deal(authors, randomFrom('deal', seed), proseFrom(seed)) }
    }),
  )

  test('ends with the same result, in any order of the authors', () => {
    for (const { authors, seed, task } of dealt) {
      const result = task.result(runSerially(task, authors))
      for (const order of [authors.toReversed(), randomFrom('order', seed).shuffle(authors)])
        expect(task.result(runSerially(task, order)), `${authors.length} authors, seed ${seed}`).toEqual(result)
    }
  })

  test('has nothing to say once all was read, and needs more than an empty room', () => {
    for (const { authors, task } of dealt) {
      const messages = runSerially(task, authors)
      for (const author of authors) expect(task.plan(author, messages)).toBeUndefined()
      expect(task.result([])).not.toEqual(task.result(messages))
    }
  })

  test('plans from its arguments alone, in parts that are not empty', () => {
    for (const { authors, task } of dealt.filter(({ authors }) => authors.length <= 5)) {
      const messages = Object.freeze(runSerially(task, authors).map(message => Object.freeze(message)))
      for (let read = messages.length; read >= 0; read--) {
        for (const author of authors) {
          const known: readonly TaskMessage[] = Object.freeze(messages.slice(0, read))
          const plan = task.plan(author, known)
          expect(plan === undefined || (plan.length > 0 && plan.every(part => part.length > 0))).toBe(true)
          expect(task.plan(author, known)).toEqual(plan)
        }
      }
    }
  })

  test('reads what real models write, with marks and in any case', () => {
    for (const { authors, task } of dealt) {
      const messages = runSerially(task, authors)
      const marked = messages.map(message =>
        authors.includes(message.sender_id) ? { ...message, content: `**${message.content.toUpperCase()}**` } : message,
      )
      expect(task.result(marked)).toEqual(task.result(messages))
    }
  })

  test('describes itself to a model, with the names of the others', () => {
    for (const { authors, task } of dealt) {
      for (const author of authors) {
        for (const other of authors.filter(name => name !== author)) expect(task.brief!(author)).toContain(other)
      }
    }
  })

  test.each(Object.keys(lineups) as Lineup[])('is solved without a crossing under hold: %s', async lineup => {
    const seed = 1 + Object.keys(lineups).indexOf(lineup)
    for (const participants of lineup === 'even' ? [2, 5] : [3]) {
      const found = measure(await run({ scenario, policy: hold, seed, participants, lineup, profile: perfect }))
      expect(found, `${participants} participants`).toMatchObject({
        finished: 1,
        solved: 1,
        crossings: 0,
        stale: 0,
        overlooked: 0,
      })
    }
  })
})
