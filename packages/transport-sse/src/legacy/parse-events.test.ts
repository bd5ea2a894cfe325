import { expect, test } from 'vitest'
import { parseEvents } from './parse-events.ts'

const parse = (...entries: unknown[]) => parseEvents(JSON.stringify(entries))

test('messages are parsed in order', () => {
  expect(
    parse({ sender: 'A', content: '1', timestamp: '12:00:00' }, { sender: 'B', content: '', timestamp: '' }),
  ).toEqual([
    { type: 'message', sender: 'A', content: '1' },
    { type: 'message', sender: 'B', content: '' },
  ])
})

test('joins and leaves become presence, and other notices are dropped', () => {
  const notice = (content: string) => parse({ sender: 'Server', content, timestamp: '12:00:00' })
  expect(notice('Ada B has joined the chat')).toEqual([{ type: 'presence', sender: 'Ada B', present: true }])
  expect(notice('Ada has left the chat')).toEqual([{ type: 'presence', sender: 'Ada', present: false }])
  for (const content of ['Server shutting down...', ' has left the chat', 'hello', ''])
    expect(notice(content)).toEqual([])
})

test.each(['', 'x', '{}', 'null', '"a"', '[1', '{"sender":"A","content":"b"}'])('garbage is ignored: %j', data => {
  expect(parseEvents(data)).toEqual([])
})

test('valid entries among garbage are parsed', () => {
  const garbage = [
    null,
    1,
    'x',
    [],
    {},
    { sender: 'A' },
    { sender: 1, content: 'x' },
    { sender: 'A', content: { a: 1 } },
  ]
  expect(parse(...garbage, { sender: 'A', content: 'ok' }, ...garbage)).toEqual([
    { type: 'message', sender: 'A', content: 'ok' },
  ])
})

test('lone surrogates become U+FFFD', () => {
  expect(parseEvents('[{"sender":"A\\ud83d","content":"b\\ude00"}]')).toEqual([
    { type: 'message', sender: 'A\uFFFD', content: 'b\uFFFD' },
  ])
})
