import { prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from './message.ts'
import { PAGE_LENGTH, PAGE_MESSAGES, pageSize } from './page.ts'

const messages = (contents: readonly string[]): Message[] =>
  contents.map((content, index) => ({
    message_id: `m${index}`,
    sender_id: 'somebody',
    content,
    timestamp: '2026-01-01T00:00:00.000Z',
    seq: index + 1,
  }))

const lengths = fc.array(fc.oneof(fc.nat(300), fc.nat(25_000)), { maxLength: 150 })

prop(
  'a page is the longest prefix that fits, and at least one message',
  [lengths, fc.constantFrom('x', '😀')],
  (sizes, unit) => {
    const size = pageSize(messages(sizes.map(length => unit.repeat(length))))
    const total = (count: number) => sizes.slice(0, count).reduce((sum, length) => sum + length, 0)
    expect(size).toBeGreaterThanOrEqual(Math.min(1, sizes.length))
    expect(size).toBeLessThanOrEqual(PAGE_MESSAGES)
    if (size > 1) expect(total(size)).toBeLessThanOrEqual(PAGE_LENGTH)
    if (size < Math.min(sizes.length, PAGE_MESSAGES)) expect(total(size + 1)).toBeGreaterThan(PAGE_LENGTH)
  },
)

test('100 messages or 20,000 characters, at least one message', () => {
  expect(pageSize([])).toBe(0)
  expect(pageSize(messages(Array(101).fill('hi')))).toBe(100)
  expect(pageSize(messages(Array(21).fill('x'.repeat(1000))))).toBe(20)
  expect(pageSize(messages(['x'.repeat(20_001), 'y']))).toBe(1)
  expect(pageSize(messages(['😀'.repeat(20_000), 'y']))).toBe(1)
})
