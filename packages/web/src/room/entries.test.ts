import { expect, test } from 'vitest'
import { appendEntries, type ConversationRow, firstAbove, MAX_ENTRIES, messagesAbove } from './entries.ts'
import { readingTime } from './reading-time.ts'

const message = (seq: number, sender_id = 'Ben'): ConversationRow => ({
  kind: 'message',
  key: `${sender_id} ${seq}`,
  message: { seq, sender_id, message_id: `m${seq}`, content: `text ${seq}`, timestamp: '2026-01-01T00:00:00.000Z' },
})
const notice = (newRoom: boolean): ConversationRow => ({ kind: 'notice', key: 'n', text: 'A notice.', newRoom })

test('the first message above a base is the oldest one of another participant', () => {
  const entries = [message(1), message(2), message(3, 'Ada'), message(4), notice(false), message(5)]
  expect([0, 1, 2, 4, 5].map(base => firstAbove(entries, base, 'Ada'))).toEqual([0, 1, 3, 5, -1])
  expect(messagesAbove(entries, 1, 'Ada').map(({ seq }) => seq)).toEqual([2, 4, 5])
})

test('messages of an earlier room are not above a base of the new room', () => {
  const entries = [message(7), message(8), notice(true), message(1)]
  expect(messagesAbove(entries, 0, 'Ada').map(({ seq }) => seq)).toEqual([1])
  expect(firstAbove(entries, 1, 'Ada')).toBe(-1)
})

test('the rows in memory have a limit', () => {
  let entries: readonly ConversationRow[] = []
  for (let seq = 1; seq <= MAX_ENTRIES + 1000; seq += 100)
    entries = appendEntries(
      entries,
      Array.from({ length: 100 }, (_, at) => message(seq + at)),
    )
  expect(entries.length).toBeLessThanOrEqual(MAX_ENTRIES)
  expect(entries.at(-1)).toMatchObject({ message: { seq: MAX_ENTRIES + 1000 } })
})

test('a longer message needs longer to be read, up to a limit', () => {
  const time = (length: number) => readingTime([{ content: 'x'.repeat(length) }])
  expect([time(0), time(100), time(20_000)]).toEqual([1500, 4500, 12_000])
  expect(readingTime([{ content: 'ab' }, { content: 'cd' }])).toBe(time(4))
})
