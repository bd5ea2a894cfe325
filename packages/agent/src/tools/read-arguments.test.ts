import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toolDefinitions } from './definitions.ts'
import { readArguments } from './read-arguments.ts'

test.each([
  [undefined, 25_000],
  [null, 25_000],
  [0, 0],
  ['0', 0],
  [' 1500 ', 1500],
  ['2.5', 2.5],
  [3_600_000, 55_000],
  ['3600000', 55_000],
  [Infinity, 55_000],
])('a check with timeout_ms %j waits %d ms', (timeout_ms, ms) => {
  expect(readArguments('check', { timeout_ms }).timeout_ms).toBe(ms)
})

test.each([-1, NaN, true, '', 'soon', '-5', [], {}])(
  'a check with timeout_ms %j is answered with a sentence',
  timeout_ms => {
    expect(() => readArguments('check', { timeout_ms })).toThrow('a number of milliseconds from 0 to 55000.')
  },
)

test('a push with a text sends nothing, and says where the text belongs', () => {
  for (const args of [{ text: 'Hello.' }, { message: 'Hello.' }, { content: 'Hello.', read: '1-ab' }, 'Hello.']) {
    expect(() => readArguments('push', args)).toThrow('Nothing was sent: push takes no text. append it first')
  }
  expect(readArguments('push', { wait_for_previous: true }).text).toBe('')
  expect(readArguments('push', { text: '', read: '1-ab' }).read).toBe('1-ab')
  expect(readArguments('push', { text: null }).text).toBe('')
})

test('any arguments of any tool are read, or answered with a sentence that ends with a period', () => {
  const names = fc.constantFrom(...toolDefinitions.map(({ name }) => name))
  const given = fc.oneof(
    fc.anything(),
    fc.record({ text: fc.anything(), timeout_ms: fc.anything(), read: fc.anything() }),
  )
  fc.assert(
    fc.property(names, given, (tool, args) => {
      try {
        const { text, timeout_ms } = readArguments(tool, args)
        expect(typeof text).toBe('string')
        expect(timeout_ms).toBeGreaterThanOrEqual(0)
        expect(timeout_ms).toBeLessThanOrEqual(55_000)
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError)
        expect((error as Error).message).toMatch(/^(append takes a text|Nothing was sent|check takes timeout_ms).*\.$/)
      }
    }),
  )
})
