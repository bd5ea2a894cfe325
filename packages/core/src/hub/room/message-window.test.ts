import { expect, test } from 'vitest'
import { AuthorIndex } from './author-index.ts'
import { MessageWindow } from './message-window.ts'

const message = (seq: number, content: string) => ({
  message_id: `m${seq}`,
  sender_id: 'Ada',
  content,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq,
})

/** Fills a window with 1,000 messages of 20,000 characters, each written at once. */
function filled(length: number): MessageWindow {
  const window = new MessageWindow({ messages: 1000, length }, new AuthorIndex(), [])
  for (let seq = 1; seq <= 1000; seq++) {
    window.add(message(seq, 'x'.repeat(20_000)), 'ada')
    window.show(seq)
    if (length < 1e9) expect(window.size).toBeLessThanOrEqual(length + 20_400)
  }
  return window
}

test('texts in memory are bounded in characters, and a page of the newest stays', () => {
  const window = filled(2 ** 20)
  expect(window.size).toBeLessThanOrEqual(2 ** 20)
  expect(window.page('ben', 999)).toMatchObject({ messages: [{ seq: 1000 }], more: false })
  expect(window.page('ben', 0)).toBeUndefined()
  // Lengths are known longer than texts: an old base overflows a page.
  expect(window.overflows('ben', 998)).toBe(true)
  expect(window.overflows('ben', 0)).toBe(true)
  expect(window.overflows('ada', 0)).toBe(false)
  // Without the bound there is twenty times as much.
  expect(filled(1e9).size).toBeGreaterThan(20_000_000)
})

test('texts that are not written yet stay, however long they are', () => {
  const window = new MessageWindow({ messages: 1000, length: 0 }, new AuthorIndex(), [])
  for (let seq = 1; seq <= 20; seq++) window.add(message(seq, 'x'.repeat(20_000)), 'ada')
  window.show(5)
  expect(window.first).toBe(6)
  expect(window.slice(5, 10)).toEqual([])
  window.show(20)
  expect(window.page('ben', 19)?.messages).toHaveLength(1)
})
