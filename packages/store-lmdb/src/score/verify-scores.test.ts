import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ScoreEvent, ScoreRecord } from '@midsentence/core'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { filled, flip } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { verifyStore } from '../copies/verify.ts'
import { verifyInProcess } from '../copies/verify-in-process.ts'
import { put, removal, type StoreChange } from '../storage/change.ts'
import { Environment } from '../storage/environment.ts'
import { scoreHeadKey, scoreRowKey } from '../storage/keys.ts'
import { lmdbStore } from '../store.ts'

type Event = ScoreEvent & { readonly head: number }

const state = (head: number, ...texts: string[]): Event => ({
  head,
  type: 'state',
  participants: [
    { sender_id: 'Ada', given: 0, draft: texts.map(text => ({ type: 'appended' as const, text, base: 0 })) },
  ],
})
const appended = (head: number, text: string): Event => ({ head, type: 'appended', sender_id: 'Ada', text, base: 0 })
const message = (seq: number): Event => ({ head: seq, type: 'message', seq })

/** Three groups: two recordings, the second after a crash. */
const groups: readonly (readonly Event[])[] = [
  [state(0), appended(0, 'one '), appended(0, 'two '), { head: 0, type: 'undone', sender_id: 'Ada' }],
  [message(1), { head: 1, type: 'pushed', sender_id: 'Ada', seq: 1 }, appended(1, 'three ')],
  [{ head: 1, type: 'gap', lost: 2 }, message(4), message(5)],
  [state(5, 'three ', 'four '), { head: 5, type: 'stopped' }],
  [state(7), message(8)],
]

/** Writes these groups as the score of a room, after filling the rest of the store. */
async function recorded(written: readonly (readonly Event[])[] = groups): Promise<string> {
  const directory = freshFolder(onTestFinished)
  const store = await lmdbStore(directory)
  await filled(store)
  const at = '2026-01-01T00:00:00.000Z'
  let position = 0
  for (const group of written) {
    await store.scores.append(
      'lobby',
      group.map(event => ({ position: ++position, at, ...event }) as ScoreRecord),
    )
  }
  await store.close()
  return directory
}

/** Changes a closed score below its checksums and heads. */
async function changed(directory: string, changes: readonly StoreChange[]): Promise<void> {
  const environment = await Environment.open(join(directory, 'score'), false)
  await environment.write(changes)
  await environment.close()
}

/** Verifies the scores alone, in this process: their pages are intact. */
const verifyScores = (directory: string) => verifyInProcess(join(directory, 'score'), 'scores')

test('verify counts the records of scores', async () => {
  expect(await verifyStore(await recorded())).toMatchObject({ messages: 6, scoreRecords: 14, problems: [] })
})

test.each([
  ['a row', 'two ', /^The store is damaged: a row of a score .* fails its checksum\.$/],
  ['a head', '"number":0', /^The store is damaged: the head of a score .* fails its checksum\.$/],
])('[I14] verify finds a flipped byte in %s of a score, and no damage elsewhere', async (_what, text, problem) => {
  const directory = await recorded()
  expect(flip(join(directory, 'score'), text)).toBeGreaterThan(0)
  const { messages, problems } = await verifyStore(directory)
  expect(messages).toBe(6)
  expect(problems[0]).toMatch(problem)
  expect(problems.length).toBeGreaterThan(0)
})

test.each([
  ['a row in the middle', [removal(scoreRowKey(0, 5))], 'records 5 to 7 are missing, and no gap marks them'],
  ['the last row', [removal(scoreRowKey(0, 13))], 'its newest record is 12 instead of 14'],
  ['its first row', [removal(scoreRowKey(0, 1))], 'its oldest record, 5, is no state'],
])('[I14] verify finds that %s of a score is gone', async (_what, changes, problem) => {
  const directory = await recorded()
  await changed(directory, changes)
  expect((await verifyScores(directory)).problems[0]).toBe(`The score of the room "lobby" is damaged: ${problem}.`)
})

test('verify finds rows of a score that has no head', async () => {
  const directory = await recorded()
  await changed(directory, [put(scoreRowKey(7, 1), [{ position: 1, at: '', head: 0, type: 'gap' }])])
  expect((await verifyScores(directory)).problems).toEqual(['There are 6 entries of kind scoreRow instead of 5.'])
  await changed(directory, [removal(scoreHeadKey('lobby'))])
  expect((await verifyScores(directory)).problems).toEqual(['There are 6 entries of kind scoreRow instead of 0.'])
})

test.each<[string, readonly (readonly Event[])[], string]>([
  ['a message', [[state(0), appended(1, 'one')]], 'record 2 follows message 1, which has no record'],
  ['messages', [[state(0), message(2)]], 'record 2 follows message 1, which has no record'],
  [
    'a draft event',
    [[state(0), appended(0, 'one')], [state(0, 'one', 'two')]],
    'record 3 is not the state that the records before it led to',
  ],
  ['an earlier head', [[state(3), appended(2, 'one')]], 'the head of record 2 is below that of the record before'],
])('[I6] [I7] verify finds a gap in a score that is not marked: %s', async (_what, written, problem) => {
  const { problems } = await verifyScores(await recorded(written))
  expect(problems).toEqual([`The score of the room "lobby" is damaged: ${problem}.`])
})

test('verify finds that the file of the scores is no store', async () => {
  const directory = await recorded()
  writeFileSync(join(directory, 'score', 'data.mdb'), 'no store')
  expect((await verifyStore(directory)).problems).toEqual([
    `${join(directory, 'score', 'data.mdb')} is not a store, or its first pages are damaged.`,
  ])
})
