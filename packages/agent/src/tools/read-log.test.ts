import { type CheckAnswer, type Message, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { MAX_UNREAD, ReadLog } from './read-log.ts'

const message = (seq: number): Message => ({
  seq,
  message_id: `m${seq}`,
  sender_id: 'Ada',
  content: `number ${seq}`,
  timestamp: '2026-01-01T00:00:00.000Z',
})
const answer = (...seqs: number[]) =>
  ({ status: seqs.length > 0 ? 1 : 0, cursor: seqs.at(-1) ?? 0, messages: seqs.map(message) }) as const
const options = {
  name: 'Claude',
  signal: undefined,
  turn: undefined,
  hasCode: false,
  observable: false,
  recorded: false,
}

function showing(log: ReadLog, data: CheckAnswer, hasCode = false) {
  log.add(data)
  const result = log.show('check', data, { ...options, hasCode })
  return { result, text: result.text, code: /Read code: (\d+-[a-z]{2})\.$/.exec(result.text)?.[1] }
}

test('[W5] messages that no result has shown are full at 1,000, and are not once a result shows them', () => {
  const log = new ReadLog(0, virtualClock())
  log.add(answer(...Array.from({ length: MAX_UNREAD - 1 }, (_, at) => at + 1)))
  expect(log.isFull).toBe(false)
  log.add(answer(MAX_UNREAD))
  expect(log.isFull).toBe(true)
  showing(log, answer())
  expect(log.isFull).toBe(false)
})

test('[U1] a code acknowledges its answer and every earlier one; a foreign, guessed or unreadable one nothing', () => {
  const log = new ReadLog(0, virtualClock())
  const first = showing(log, answer(1)).code!
  const second = showing(log, answer(2, 3)).code!
  expect([first, second]).toEqual([expect.stringMatching(/^1-/), expect.stringMatching(/^3-/)])
  const foreign = new ReadLog(0, virtualClock())
  for (const seq of [1, 2, 3]) showing(foreign, answer(seq))
  const guessed = second.endsWith('aa') ? '3-ab' : '3-aa'
  for (const read of [null, undefined, 3, {}, '', '3', 'garbage', guessed, `9${second}`, '3-', [second]])
    expect([log.acknowledge(read), log.base]).toEqual([false, 0])
  expect([log.acknowledge(`Read code: ${first}.`), log.base]).toEqual([true, 1])
  expect([log.acknowledge(`"${second.toUpperCase()}"`), log.base]).toEqual([true, 3])
  expect([log.acknowledge(first), log.base]).toEqual([true, 3])
})

test('a message is said before the last own one, also if another process sent that or it was sent before a gap', () => {
  const log = new ReadLog(0, virtualClock())
  const before = /^\* This was said (.* )?before your last message:$/m
  expect(showing(log, answer(1)).text).not.toMatch(before)
  // The seqs 3 and 8 are own ones.
  expect(showing(log, { ...answer(2), cursor: 3 }).text).toMatch(before)
  expect(showing(log, { ...answer(7), missed: { from: 4, to: 6 } }).text).not.toMatch(before)
  expect(showing(log, answer(9)).text).not.toMatch(before)
  expect(showing(log, { ...answer(), messages: [message(5)], cursor: 9 }).text).toMatch(before)
  expect(showing(log, { ...answer(), cursor: 20, missed: { from: 10, to: 20 } }).text).not.toMatch(before)
  expect(showing(log, answer(21)).text).not.toMatch(before)
})

test('[U2] the first code says where reading is, also below where the log began, and later ones take nothing back', () => {
  const codes = { of: (seq: number) => `${seq}-aa`, has: (_: number, letters: string) => letters === 'aa' }
  const log = new ReadLog(5, virtualClock(), codes)
  expect(log.base).toBe(5)
  expect([log.acknowledge('2-aa'), log.base]).toEqual([true, 2])
  expect(showing(log, answer(3, 4), true).text).toContain('number 3')
  expect([log.acknowledge('4-aa'), log.base]).toEqual([true, 4])
  expect([log.acknowledge('1-aa'), log.base]).toEqual([true, 4])
})

test('[U3] a result that the host has not taken is given again, unless a code has acknowledged it', () => {
  const log = new ReadLog(0, virtualClock())
  const lost = showing(log, answer(1, 2)).result
  expect(showing(log, answer()).text).not.toContain('number')
  log.giveAgain(lost)
  const { text, code, result } = showing(log, answer(3))
  expect(text).toContain('number 1')
  expect(text).toContain('number 3')
  expect(log.acknowledge(code)).toBe(true)
  log.giveAgain(result)
  expect(showing(log, answer()).text).not.toContain('number')
})
