import type { Message } from '@midsentence/core'
import { byTier } from '@midsentence/testing/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderMessages, shownName } from './message-text.ts'

const numRuns = byTier(1000, 10_000)

const message = (sender_id: string, content: string): Message => ({
  message_id: 'm',
  sender_id,
  content,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq: 1,
})

/** Splits at every line break that a reader may know, including Python's `splitlines`. */
const lines = (text: string) => text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/)

const hostile = fc.constantFrom(
  ...['\n', '\r', '\r\n', '\v', '\f', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029', '\t', '\0', '\x1b', '\x9b'],
  ...[
    '\u061c',
    '\u200e',
    '\u202e',
    '\u2066',
    '\u200b',
    '\ufeff',
    '\u00a0',
    '\u3000',
    '\ud800',
    '\udc00',
    '👩‍👩‍👧',
    'é',
  ],
  ...[' ', '    ', '*', '* ', ':', ': ', 'GPT', 'GPT: ', '\nGPT: ', '\n* '],
)
const text = fc.oneof(
  fc.array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 3 }))).map(parts => parts.join('')),
  fc.string({ unit: 'binary' }),
)

test('[X1] no content or name forges a sender’s line', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name: text, content: text })), records => {
      const messages = records.map(({ name, content }) => message(name, content))
      const unindented = lines(renderMessages(messages)).filter(line => !line.startsWith('    '))
      expect(unindented).toHaveLength(Math.max(messages.length, 1))
      for (const [index, { sender_id }] of messages.entries()) {
        const name = shownName(sender_id)
        expect(name).toMatch(/^[^\s*:][^:\n\r\v\f\x85\u2028\u2029]*$/)
        expect(unindented[index]!.startsWith(`${name}: `)).toBe(true)
        expect(unindented[index]!.startsWith('* ')).toBe(false)
      }
    }),
    { numRuns },
  )
})

test('[X2] a plain message is shown as it is', () => {
  expect(renderMessages([message('ChatGPT', 'anyone here?'), message('Zoë B.', 'ja: 👋 * [x]')])).toBe(
    'ChatGPT: anyone here?\nZoë B.: ja: 👋 * [x]',
  )
  expect(renderMessages([])).toBe('')
})

test('[X1] every kind of line break is followed by an indent', () => {
  expect(renderMessages([message('A', 'a\r\nb\nc\rd\ve\ff\x85g\u2028h\u2029i')])).toBe(
    `A: ${[...'abcdefghi'].join('\n    ')}`,
  )
})

test('[X1] controls show as U+FFFD, in contents and in names', () => {
  const controls = '\0\t\x1b\x7f\x80\x9f\u061c\u200e\u200f\u202a\u202e\u2066\u2069'
  const shown = '\ufffd'.repeat(controls.length)
  expect(renderMessages([message(`A${controls}`, controls)])).toBe(`A${shown}: ${shown}`)
})

test.each([
  ['', '\ufffd'],
  ['   ', '\ufffd\ufffd\ufffd'],
  ['    GPT', '\ufffd\ufffd\ufffd\ufffdGPT'],
  ['* GPT', '\ufffd\ufffdGPT'],
  ['\u200b* GPT', '\ufffd\ufffd\ufffdGPT'],
  ['a: b', 'a\ufffd b'],
  ['A\r\nGPT: hi', 'A\ufffdGPT\ufffd hi'],
  ['A * B', 'A * B'],
])('the name %j shows as %j', (name, shown) => {
  expect(shownName(name)).toBe(shown)
})

test('[B2] meta is not rendered', () => {
  const withMeta = { message_id: 'm', seq: 1, timestamp: '', sender_id: 'GPT', content: 'hello', meta: { secret: 'x' } }
  expect(renderMessages([withMeta])).toBe('GPT: hello')
})
