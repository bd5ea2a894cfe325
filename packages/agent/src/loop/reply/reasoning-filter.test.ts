import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReasoningFilter } from './reasoning-filter.ts'

/** Feeds chunks, and returns the text of the answer that remains. */
function answerOf(chunks: readonly string[]): string {
  const filter = new ReasoningFilter()
  let answer = ''
  for (const [at, chunk] of [...chunks, ''].entries()) {
    const { text, restart } = filter.feed(chunk, at === chunks.length)
    answer = restart ? text : answer + text
  }
  return answer
}

test.each([
  ['<think>I am shy.</think>\n\nHello.', 'Hello.'],
  ['<thinking>a</thinking> Hello.<THOUGHT>b</THOUGHT> Bye.', 'Hello.Bye.'],
  ['I am shy.\n</think>\nHello.', 'Hello.'],
  ['<think>\n\n</think>\n\nHello.', 'Hello.'],
  ['<think>never ends', ''],
  ['a < b and <them>, <thin', 'a < b and <them>, <thin'],
  ['1\n- <b>', '1\n- <b>'],
])('of %j the room gets %j, in any chunks', (whole, expected) => {
  expect(answerOf([whole])).toBe(expected)
  expect(answerOf([...whole])).toBe(expected)
})

test('of any text with reasoning anywhere, split anywhere, the answer alone remains', () => {
  const words = fc
    .stringMatching(/^[a-z <>\n/]{1,20}[a-z]$/)
    .filter(text => !/<\/?(think|thought|reasoning)/.test(text))
  const tags = fc.constantFrom('think', 'thinking', 'thought', 'reasoning')
  const begun = fc.boolean()
  const cuts = fc.array(fc.nat(200), { maxLength: 8 })
  fc.assert(
    fc.property(words, words, tags, begun, cuts, (reasoning, answer, tag, isBegun, at) => {
      const whole = `${isBegun ? `<${tag}>` : ''}${reasoning}</${tag}>\n${answer}`
      const places = [0, ...at.filter(place => place < whole.length).toSorted((a, b) => a - b), whole.length]
      const chunks = places.slice(1).map((end, n) => whole.slice(places[n], end))
      expect(answerOf(chunks)).toBe(answer.trimStart())
    }),
  )
})
