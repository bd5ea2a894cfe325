import type { WriteStream } from 'node:tty'
import { expect, test } from 'vitest'
import { palette } from '../palette.ts'
import { wrapText } from '../wrap-text.ts'
import { columnView } from './column-view.ts'
import type { Timing } from './timing.ts'

function terminal(columns: number) {
  let written = ''
  const write = (text: string) => {
    written += text
  }
  const out = { isTTY: false, columns, write } as unknown as WriteStream
  const instant: Timing = { typing: () => 0, scaled: () => 0, wait: () => Promise.resolve() }
  // A carriage return overwrites the row.
  const rows = () => written.split('\n').map(line => line.slice(line.lastIndexOf('\r') + 1).trimEnd())
  return { view: columnView(out, palette(out), instant), rows }
}

test('simultaneous texts share rows, and other events follow in order', async () => {
  const { view, rows } = terminal(64)
  view.show({ name: 'Claude', type: 'writes', text: 'one two three four five six seven eight' })
  view.show({ name: 'GPT', type: 'writes', text: 'uno' })
  view.show({ name: 'GPT', type: 'pushes', text: 'the draft' })
  view.show({ name: 'Claude', type: 'takes back', text: 'eight' })
  await view.settled()
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
    const { view, rows } = terminal(columns)
    view.note('a note that is long enough to need more than one row of a narrow terminal, in any case')
    for (const name of ['Claude', 'GPT'] as const)
      view.show({ name, type: 'writes', text: 'ab cde '.repeat(60) + 'x'.repeat(400) })
    await view.settled()
    for (const row of rows()) expect(row.length).toBeLessThan(columns)
  }
})

test('events after close are ignored', async () => {
  const { view, rows } = terminal(80)
  view.close()
  view.show({ name: 'GPT', type: 'sent', text: '' })
  await view.settled()
  expect(rows()).toEqual([''])
})

test('a word longer than a line is broken, others stay whole', () => {
  expect(wrapText('aa bb cccccc d', 5)).toEqual(['aa bb', 'ccccc', 'c d'])
  expect(wrapText('', 5)).toEqual([''])
})
