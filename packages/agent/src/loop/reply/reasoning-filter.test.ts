import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReasoningFilter } from './reasoning-filter.ts'

/** Feeds chunks, and returns the text of the answer that remains. */
function answerOf(chunks: readonly string[], startsInside = false): string {
  const filter = new ReasoningFilter(startsInside)
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
  ['[THINK]a[/THINK]Hello.', 'Hello.'],
  ['◁think▷a◁/think▷Hello.', 'Hello.'],
  ['<|begin_of_thought|>a<|end_of_thought|>Hello.', 'Hello.'],
  ['<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>Hello.<|return|>', 'Hello.'],
  ['<seed:think>a</seed:think><Think >b</Think\n>Hello.<|im_end|>', 'Hello.'],
  ['<tool_call>{"name":"push"}</tool_call>Hello.</s>', 'Hello.'],
  [
    'The tag `<think>` begins thoughts, and `</think>` ends them.',
    'The tag `<think>` begins thoughts, and `</think>` ends them.',
  ],
  ['Type ` or <', 'Type ` or <'],
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

test.each([
  ['I am shy.\n</think>\nHello.', 'Hello.'],
  ['Hello.', 'Hello.'],
  ['<think>I am shy.</think>Hello.', 'Hello.'],
  ['Hello.<think>I am shy.', 'Hello.'],
  ['I am <|im_end|>shy.</think>Hello.', 'Hello.'],
])('of %j the room gets %j, from a model that begins with its reasoning, in any chunks', (whole, expected) => {
  expect(answerOf([whole], true)).toBe(expected)
  expect(answerOf([...whole], true)).toBe(expected)
})
