import { expect, test } from 'vitest'
import { isMarkdown } from './is-markdown.ts'

test.each([
  '*a*',
  '`a`',
  '```\na\n```',
  '- a',
  '1. a',
  '> a',
  '# a',
  'see https://a.example',
  'a@b.example',
  '[a](b)',
  '| a |',
])('%j is Markdown', text => {
  expect(isMarkdown(`one\n${text}`)).toBe(true)
})

test.each(['Hello', 'Well - no.', 'In 1984. Or so', 'a\nb', 'Is it? Yes!', 'half-finished', ''])(
  '%j is plain',
  text => {
    expect(isMarkdown(text)).toBe(false)
  },
)
