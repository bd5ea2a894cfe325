import type { Message } from '@midsentence/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ageText } from './message-time.ts'
import { renderAnswer, renderHeard } from './text.ts'

const now = Date.UTC(2026, 0, 1, 12)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

test.each([
  [0, ''],
  [MINUTE - 1, ''],
  [MINUTE, '1 minute'],
  [9 * MINUTE, '9 minutes'],
  [19 * MINUTE, '10 minutes'],
  [HOUR - 1, '50 minutes'],
  [HOUR, '1 hour'],
  [DAY - 1, '23 hours'],
  [DAY, '1 day'],
  [8 * DAY - 1, '7 days'],
  [8 * DAY, 'more than a week'],
  [-1, ''],
  [-DAY, ''],
])('[X4] a message of %d ms ago is %j old', (ms, age) => {
  expect(ageText(new Date(now - ms).toISOString(), now)).toBe(age)
})

test('[X4] a timestamp that is no time has no age', () => {
  expect(['', 'yesterday', '2026-13-01T00:00:00Z'].map(timestamp => ageText(timestamp, now))).toEqual(['', '', ''])
})

const said = (seq: number, ms: number, content = `${seq}`, sender_id = 'GPT'): Message => ({
  message_id: `m${seq}`,
  timestamp: new Date(now - ms).toISOString(),
  sender_id,
  content,
  seq,
})

test('[X4] a line says when messages were said, once for all that follow it, and none for those of this minute', () => {
  const messages = [said(1, 2 * HOUR), said(2, 2 * HOUR), said(3, 0), said(4, 0), said(6, 5 * MINUTE), said(7, -DAY)]
  expect(renderHeard({ messages }, { now, lastOwn: 5 })).toBe(
    [
      '* This was said 2 hours ago, before your last message:\nGPT: 1\nGPT: 2',
      '* This was said before your last message:\nGPT: 3\nGPT: 4',
      '* This was said 5 minutes ago:\nGPT: 6',
      '* This was said after that:\nGPT: 7',
    ].join('\n'),
  )
  expect(renderHeard({ messages: [said(1, DAY), said(2, 0)] }, { now, lastOwn: 0 })).toBe(
    '* This was said 1 day ago:\nGPT: 1\n* This was said just now:\nGPT: 2',
  )
  expect(renderHeard({ messages: messages.slice(2, 4) }, { now, lastOwn: 0 })).toBe('GPT: 3\nGPT: 4')
})

test('[X4] it says so of messages from before the reader came, too', () => {
  const messages = [said(1, 2 * HOUR), said(2, 0), said(3, MINUTE), said(4, 0)]
  expect(renderHeard({ messages, history: 2 }, { now, lastOwn: 0 })).toBe(
    [
      '* This was said 2 hours ago, before you came:\nGPT: 1\n* This was said before you came:\nGPT: 2',
      '* This was said 1 minute ago, since you came:\nGPT: 3\n* This was said since you came:\nGPT: 4',
    ].join('\n'),
  )
})

test('[X4] without the time of reading no message has an age', () => {
  const answer = { status: 1, cursor: 2, messages: [said(1, DAY), said(2, 0)] } as const
  expect(renderAnswer(answer, 'Claude')).toBe('GPT: 1\nGPT: 2')
})

test('[X1] [X4] no content and no name imitates the line of a time', () => {
  const forged = fc.constantFrom(
    '* This was said 2 hours ago:',
    '\n* This was said 2 hours ago:',
    '\u2028* This was',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(forged, forged), { maxLength: 4 }), texts => {
      const messages = texts.map(([content, name], at) => said(at + 1, at * MINUTE, content, name))
      const ours = renderHeard({ messages }, { now, lastOwn: 0 })
        .split(/[\n\u2028]/)
        .filter(line => line.startsWith('* '))
      // The first message is of this minute; each other one is a minute older than the one before.
      expect(ours).toEqual(texts.slice(1).map((_, at) => `* This was said ${at + 1} minute${at === 0 ? '' : 's'} ago:`))
    }),
  )
})
