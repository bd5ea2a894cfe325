import type { WriteStream } from 'node:tty'
import { expect, test } from 'vitest'
import { palette } from '../palette.ts'
import { columnView } from './column-view.ts'
import type { Timing } from './timing.ts'
import { wrapText } from './wrap-text.ts'

function terminal(columns: number) {
  let written = ''
  const write = (text: string) => {
    written += text
  }
  const out = { isTTY: false, columns, write } as unknown as WriteStream
  const instant: Timing = { typing: () => 0, scaled: () => 0, wait: () => Promise.resolve() }
  // What a carriage return overwrites was only on its way.
  const rows = () => written.split('\n').map(line => line.slice(line.lastIndexOf('\r') + 1).trimEnd())
  return { screen: columnView(out, palette(out), instant), rows }
}

test('what both write at once stands side by side, and everything else below it, in order', async () => {
  const { screen, rows } = terminal(64)
  screen.show({ name: 'Claude', type: 'writes', text: 'one two three four five six seven eight' })
  screen.show({ name: 'GPT', type: 'writes', text: 'uno' })
  screen.show({ name: 'GPT', type: 'pushes', text: 'the draft' })
  screen.show({ name: 'Claude', type: 'takes back', text: 'eight' })
  await screen.settled()
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
      screen.show({ name: who, type: 'writes', text: 'ab cde '.repeat(60) + 'x'.repeat(400) })
    await screen.settled()
    for (const row of rows()) expect(row.length).toBeLessThan(columns)
  }
})

test('nothing is shown after the end', async () => {
  const { screen, rows } = terminal(80)
  screen.close()
  screen.show({ name: 'GPT', type: 'sent', text: '' })
  await screen.settled()
  expect(rows()).toEqual([''])
})

test('a word that is too long is broken, others stay whole', () => {
  expect(wrapText('aa bb cccccc d', 5)).toEqual(['aa bb', 'ccccc', 'c d'])
  expect(wrapText('', 5)).toEqual([''])
})
