import type { WriteStream } from 'node:tty'
import { expect, test } from 'vitest'
import { lanes } from './lanes.ts'
import type { Pace } from './pace.ts'
import { palette } from './palette.ts'
import { wrap } from './wrap.ts'

function terminal(columns: number) {
  let written = ''
  const write = (text: string) => {
    written += text
  }
  const out = { isTTY: false, columns, write } as unknown as WriteStream
  const instant: Pace = { typing: () => 0, scaled: () => 0, rest: () => Promise.resolve() }
  // What a carriage return overwrites was only on its way.
  const rows = () => written.split('\n').map(line => line.slice(line.lastIndexOf('\r') + 1).trimEnd())
  return { screen: lanes(out, palette(out), instant), rows }
}

test('what both write at once stands side by side, and everything else below it, in order', async () => {
  const { screen, rows } = terminal(64)
  screen.cue({ who: 'Claude', what: 'writes', text: 'one two three four five six seven eight' })
  screen.cue({ who: 'GPT', what: 'writes', text: 'uno' })
  screen.cue({ who: 'GPT', what: 'pushes', text: 'the draft' })
  screen.cue({ who: 'Claude', what: 'takes back', text: 'eight' })
  await screen.shown()
  expect(rows()).toEqual([
    '  + one two three four five    │ + uno',
    '    six seven eight            │',
    '                               │ ↑ pushes the draft',
    '  − takes back: eight          │',
    '',
  ])
})

test('no row is wider than its terminal', async () => {
  for (const columns of [64, 65, 80, 120, 300]) {
    const { screen, rows } = terminal(columns)
    screen.note('a note that is long enough to need more than one row of a narrow terminal, whatever it is about')
    for (const who of ['Claude', 'GPT'] as const)
      screen.cue({ who, what: 'writes', text: 'ab cde '.repeat(60) + 'x'.repeat(400) })
    await screen.shown()
    for (const row of rows()) expect(row.length).toBeLessThan(columns)
  }
})

test('nothing is shown after the end', async () => {
  const { screen, rows } = terminal(80)
  screen.close()
  screen.cue({ who: 'GPT', what: 'sent', text: '' })
  await screen.shown()
  expect(rows()).toEqual([''])
})

test('a word that is too long is broken, others stay whole', () => {
  expect(wrap('aa bb cccccc d', 5)).toEqual(['aa bb', 'ccccc', 'c d'])
  expect(wrap('', 5)).toEqual([''])
})
