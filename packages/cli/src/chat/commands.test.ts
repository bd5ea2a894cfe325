import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { completeInput, inputTable, parseLine } from './commands.ts'

test.each([
  ['Hello', { text: 'Hello' }],
  ['  /who', { text: '  /who' }],
  ['a\tb', { text: 'a\tb' }],
  ['//who', { text: '/who' }],
  ['///', { text: '//' }],
  ['/who', { command: 'who' }],
  ['/unhush  ', { command: 'unhush' }],
])('%j is %j', (line, parsed) => {
  expect(parseLine(line)).toEqual(parsed)
})

test.each([
  ['/msg Ben hi', 'There is no command /msg, so the line was not added. Commands: /push /draft /undo'],
  ['/usr/bin/env', 'There is no command /usr/bin/env'],
  ['/', 'There is no command /,'],
  ['/ who', 'There is no command /,'],
  ['/constructor', 'There is no command /constructor'],
  ['/quit now', '/quit takes nothing after it, so nothing was done.'],
])('%j is refused', (line, sentence) => {
  const parsed = parseLine(line)
  expect('refusal' in parsed && parsed.refusal).toContain(sentence)
  expect('refusal' in parsed && parsed.refusal).toMatch(/type two\.$/)
})

const present = ['Ben', 'Benedict', 'Mary Ann', '小明']

test.each([
  ['/u', [['/undo', '/unhush'], '/u']],
  ['/x', [[], '/x']],
  ['//u', [[], '//u']],
  ['be', [['Ben, ', 'Benedict, '], 'be']],
  ['Hello bene', [['Benedict '], 'bene']],
  ['Ask mary a', [['Mary Ann '], 'mary a']],
  ['@小', [['小明 '], '小']],
  ['Hello x', [[], 'Hello x']],
  ['', [[], '']],
  ['Hello ', [[], 'Hello ']],
])('Tab after %j completes %j', (text, completed) => {
  expect(completeInput(text, present)).toEqual(completed)
})

test('docs/chat.md lists what a user can type', () => {
  expect(readFileSync(new URL('../../../../docs/chat.md', import.meta.url), 'utf8')).toContain(inputTable)
})
