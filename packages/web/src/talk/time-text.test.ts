import { expect, test } from 'vitest'
import { dayKey, dayText, fullTimeText, timeText } from './time-text.ts'

test('days are named from the reader’s day', () => {
  const now = new Date(2026, 2, 1, 0, 30)
  const at = (...parts: [number, number, number, number]) => new Date(...parts).toISOString()
  expect(dayText(at(2026, 2, 1, 0), now)).toBe('Today')
  expect(dayText(at(2026, 1, 28, 23), now)).toBe('Yesterday')
  expect(dayText(at(2026, 1, 27, 23), now)).toContain('27')
  expect(dayText(at(2025, 1, 27, 23), now)).toContain('2025')
  expect(dayKey(at(2026, 2, 1, 0))).not.toBe(dayKey(at(2026, 1, 28, 23)))
})

test('what is no time is shown as nothing', () => {
  expect([timeText('x'), fullTimeText(''), dayText('now'), dayKey('?')]).toEqual(['', '', '', ''])
})
