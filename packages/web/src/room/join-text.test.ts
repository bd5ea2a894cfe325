import { expect, test } from 'vitest'
import { continued } from './join-text.ts'

test.each([
  ['', 'Hello', 'Hello'],
  ['Hello', 'there', ' there'],
  ['Hello ', 'there', 'there'],
  ['Hello\n', 'there', 'there'],
  ['Hello', ' there', ' there'],
  ['Hello', ', there', ', there'],
  ['Hello', '.', '.'],
  ['(', 'see', 'see'],
  ['你好', '世界', '世界'],
  ['你好', 'world', ' world'],
  ['Hello 🦊', 'fox', ' fox'],
])('after %j the text %j becomes %j', (suffix, text, expected) => {
  expect(continued(suffix, text)).toBe(expected)
})
