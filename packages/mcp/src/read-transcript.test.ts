import type { Message } from '@midsentence/core'
import { expect, test } from 'vitest'
import { readTranscript } from './read-transcript.ts'

const message = (seq: number, content: string): Message => ({
  message_id: `m-${seq}`,
  sender_id: 'Ada',
  content,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq,
  base: 0,
})

const read = (contents: readonly string[]) =>
  readTranscript({
    transcript: async () => contents.map((content, at) => message(at + 1, content)),
  })

test.each([
  ['short messages', Array.from({ length: 10_000 }, (_, at) => `number ${at + 1}`)],
  ['messages that just fit, and one more', ['first', ...Array.from({ length: 32 }, () => 'x'.repeat(994))]],
  ['long messages', Array.from({ length: 3 }, () => 'x'.repeat(20_000))],
  ['line breaks, which are indented', Array.from({ length: 10 }, () => 'x\n'.repeat(3000))],
  ['hidden characters, which are escaped', Array.from({ length: 10 }, () => '\u{e0041}'.repeat(3000))],
  ['a newest message that is cut by itself', ['before '.repeat(2000), `${'x'.repeat(100_000)}end`]],
])('[X2] a transcript has at most 32,000 characters, the newest messages: %s', async (_, contents) => {
  const text = await read(contents)
  expect(text.length).toBeLessThanOrEqual(32_000)
  expect(text.split('\n')[0]).toBe('* What was said before this is left out here.')
  expect(text).toContain(
    `\nAda: ${contents
      .at(-1)!
      .replace(/^\u{e0041}/u, '\\u{e0041}')
      .slice(0, 1)}`,
  )
})

test('[X2] a transcript that fits is whole, in order', async () => {
  expect(await read(['one', 'two'])).toBe('Ada: one\nAda: two')
})
