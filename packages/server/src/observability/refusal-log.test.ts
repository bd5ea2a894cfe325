import { expect, onTestFinished, test, vi } from 'vitest'
import { noLog } from './log.ts'
import { MAX_KINDS, RefusalLog, SUMMARY_MS } from './refusal-log.ts'

function refusals() {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const lines: object[] = []
  const log = new RefusalLog({ ...noLog, warn: (fields, message) => void lines.push({ ...fields, message }) })
  return { log, lines }
}

test('90,000 refusals of one address are one line now and one per ten seconds, with their number', () => {
  const { log, lines } = refusals()
  for (let times = 0; times < 90_000; times++) {
    log.add('warn', 'turned away', { why: 'address', address: `2001:db8::${(times % 999) + 1}` })
  }
  const first = { why: 'address', address: '2001:db8::1', message: 'turned away' }
  expect(lines).toEqual([first])
  vi.advanceTimersByTime(SUMMARY_MS)
  expect(lines).toEqual([first, { ...first, count: 89_999, seconds: 10 }])
  vi.advanceTimersByTime(SUMMARY_MS)
  expect([lines.length, vi.getTimerCount()]).toEqual([2, 0])
})

test('refusals of more addresses than are counted apart are counted together', () => {
  const { log, lines } = refusals()
  for (let times = 0; times < MAX_KINDS + 50; times++) {
    log.add('warn', 'turned away', { why: 'address', address: `192.${times >> 8}.${times & 255}.1` })
  }
  expect(lines).toHaveLength(MAX_KINDS + 1)
  vi.advanceTimersByTime(SUMMARY_MS)
  expect(lines.slice(MAX_KINDS + 1)).toEqual([{ others: true, message: 'turned away', count: 49, seconds: 10 }])
})
