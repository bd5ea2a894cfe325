import type { WriteStream } from 'node:tty'
import type { RuleOutcome } from '@midsentence/conformance/black-box'
import { expect, test } from 'vitest'
import { progressDisplay } from './progress.ts'

/** A fake output stream and the text written to it. */
function screen(more: Partial<WriteStream>) {
  const written: string[] = []
  const out = { ...more, write: (text: string) => written.push(text) > 0 } as unknown as WriteStream
  return { written, progress: progressDisplay(out) }
}

const kept = (id: 'P1' | 'P2'): RuleOutcome => ({ id, title: `The rule ${id}`, outcome: 'pass', cases: 1, ms: 1 })

function run({ show, clear }: ReturnType<typeof progressDisplay>): void {
  show({ type: 'begun', id: 'P1' })
  show({ type: 'begun', id: 'P2' })
  show({ type: 'waiting', ms: 1234 })
  show({ type: 'ended', outcome: kept('P2'), done: 1, of: 2 })
  show({ type: 'ended', outcome: kept('P1'), done: 2, of: 2 })
  clear()
}

test('on a terminal one line changes, and is cleared at the end', () => {
  const { written, progress } = screen({ isTTY: true, columns: 0 })
  run(progress)
  const lines = written.map(text => text.replace('\r\x1b[K', ''))
  expect(lines).toEqual([
    'Trying P1',
    'Trying P1 P2',
    'Trying P1 P2  the server asks to wait 1.3 s',
    '1 of 2 P1',
    '2 of 2 ',
    '',
  ])
  expect(written.every(text => text.startsWith('\r\x1b[K') && !text.includes('\n'))).toBe(true)
})

test('on a narrow terminal the line does not wrap', () => {
  const { written, progress } = screen({ isTTY: true, columns: 10 })
  run(progress)
  expect(Math.max(...written.map(text => text.replace('\r\x1b[K', '').length))).toBe(9)
})

test('without a terminal each rule gets a line', () => {
  const { written, progress } = screen({})
  run(progress)
  expect(written).toEqual([
    'the server asks to wait 1.3 s\n',
    '1 of 2    pass P2 The rule P2\n',
    '2 of 2    pass P1 The rule P1\n',
  ])
})
