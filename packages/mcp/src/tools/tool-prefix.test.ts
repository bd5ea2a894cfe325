import { expect, test } from 'vitest'
import { prefixNames, prefixResult } from './tool-prefix.ts'

test('without a prefix a text stays as it is', () => {
  const text = '* Added to your draft. Go on, or push to send it.'
  expect(prefixResult(text, '')).toBe(text)
  expect(prefixNames(text, '')).toBe(text)
})

test.each([
  ['* Added to your draft. Go on, or push to send it.', '* Added to your draft. Go on, or chat_push to send it.'],
  ['* Sent. Check to hear what the others say.', '* Sent. chat_check to hear what the others say.'],
  ['Ada: push now\n    * check\n* Read code: 1-ab.', 'Ada: push now\n    * check\n* Read code: 1-ab.'],
  [
    '* "push" is writing. Call check again to go on listening.',
    '* "push" is writing. Call chat_check again to go on listening.',
  ],
  [
    '* Only the first 9 characters were kept. Your draft now ends with "or "push" it". Append the rest.',
    '* Only the first 9 characters were kept. Your draft now ends with "or "push" it". chat_append the rest.',
  ],
])('the names of tools in %j have it, and no quoted text', (text, prefixed) => {
  expect(prefixResult(text, 'chat_')).toBe(prefixed)
})
