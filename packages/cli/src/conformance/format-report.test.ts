import type { WriteStream } from 'node:tty'
import type { FailedOutcome, Report } from '@midsentence/conformance/black-box'
import { expect, test } from 'vitest'
import { palette } from '../palette.ts'
import { formatReport } from './format-report.ts'

const broken = (id: 'H1' | 'P5', why: string): FailedOutcome => ({
  id,
  title: `The rule ${id}`,
  outcome: 'fail',
  cases: 1,
  ms: 1,
  finding: { why },
})

const report = (outcomes: Report['outcomes']): Report => ({
  url: 'http://127.0.0.1:1',
  dialect: 'native',
  seed: 7,
  runs: 1,
  started: '',
  ms: 1000,
  outcomes,
})

const plain = palette({ isTTY: false } as WriteStream)

test('the likeliest cause is the first counterexample, and the report says to fix it first', () => {
  const [p5, h1] = [broken('P5', 'a late answer'), broken('H1', 'a crossing')]
  const text = formatReport(report([p5, h1]), [h1, p5], plain)
  expect(text.split('\n').slice(0, 5)).toEqual([
    'broken   P5  The rule P5',
    '             a late answer',
    'broken   H1  The rule H1',
    '             a crossing',
    '',
  ])
  expect(text).toContain(
    '\nFix the first of these before the others: it is the likeliest cause of them.\n\n[H1] The rule H1\n',
  )
  expect(text.indexOf('[H1]')).toBeLessThan(text.indexOf('[P5]'))
})

test('a single counterexample needs no advice', () => {
  const h1 = broken('H1', 'a crossing')
  expect(formatReport(report([h1]), [h1], plain)).not.toContain('Fix the first')
})
