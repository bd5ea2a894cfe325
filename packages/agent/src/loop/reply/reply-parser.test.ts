import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  cutAtOtherName,
  isSilence,
  ReplyParser,
  separatorBetween,
  trimPartialWord,
  withoutVerdict,
} from './reply-parser.ts'

const parts = ['The first thing is this.', ' The second thing is that.', ' And so on.']

/** Parses an answer that is streamed in `chunks`. */
function read(bits: readonly string[], asked = true) {
  const reply = new ReplyParser('Claude', asked ? parts : undefined)
  const found = [...bits.map(bit => reply.feed(bit)), reply.feed('', true)]
  return { keep: found.find(({ keep }) => keep !== undefined)?.keep, text: found.map(({ text }) => text).join('') }
}

test.each([
  ['2\nBut no.', 2, 'But no.'],
  ['keep 2\n\nBut no.', 2, 'But no.'],
  ['**1**\nBut no.', 1, 'But no.'],
  ['I keep: 1 of 3\nBut no.', 1, 'But no.'],
  ['all', 3, ''],
  ['none\nHello.', 0, 'Hello.'],
  ['99\nMore.', undefined, ''],
  ['2\nClaude: But no.', 2, 'But no.'],
  ['2\nThe first thing is this. The second thing is that. But no.', 2, 'But no.'],
  ['2\nThe second thing is that. But no.', 2, 'But no.'],
  ['2\nThe second thing is not that.', 2, 'The second thing is not that.'],
  ['2 things come to my mind now, and they are these.', undefined, ''],
  ['Claude: Let me begin again.', undefined, ''],
])('%j', (answer, keep, text) => {
  expect(read([answer])).toEqual({ keep, text })
  expect(read([...answer])).toEqual({ keep, text })
})

const verdicts = ['KEEP 2', 'keep: 3', '**KEEP 0**', '> Keep 12.', '`KEEP 1`', 'KEEP 2 ']

test.each<readonly [string, string]>([
  ...verdicts.map(verdict => [`${verdict}\nA new message.`, 'A new message.'] as const),
  ['\nKEEP 2\n\nKEEP 3\nClaude: A new message.', 'A new message.'],
  ['KEEP 2: A new message.', 'A new message.'],
  ['KEEP 2. A new message.', 'A new message.'],
  ['KEEP 2', ''],
  ['Keep 2 copies of it.', 'Keep 2 copies of it.'],
  ['Keep calm.\nKEEP 2', 'Keep calm.\nKEEP 2'],
  ['A new message.', 'A new message.'],
])('in a message that is written again after two unclear verdicts, %j posts no verdict', (answer, text) => {
  const rewritten = (bits: readonly string[]) => {
    const reply = new ReplyParser('Claude', undefined, true)
    return [...bits.map(bit => reply.feed(bit)), reply.feed('', true)].map(found => found.text).join('')
  }
  expect([rewritten([answer]), rewritten([...answer])]).toEqual([text, text])
})

test('no answer in any chunks posts a verdict first when a message is written again', () => {
  const bit = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('\n', 'KE', 'EP 2', ...verdicts))
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 8 }), bits => {
      const reply = new ReplyParser('Claude', undefined, true)
      const found = [...bits.map(each => reply.feed(each)), reply.feed('', true)]
      const text = found.map(each => each.text).join('')
      expect(text.trimStart().split('\n')[0]).not.toMatch(/^[\s*_#>`]*keep[\s:=*_`]*\d{1,6}[\s.*_`]*$/i)
    }),
  )
})

test('without a review, a number in the first line is text', () => {
  expect(read(['2', '\nBut no.'], false)).toEqual({ keep: undefined, text: '2\nBut no.' })
})

test('any answer in any chunks keeps at most all parts, or has no text', () => {
  const bit = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('1', '\n', 'Claude:', ...parts))
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 8 }), bits => {
      const { keep, text } = read(bits)
      expect(keep ?? 0).toBeLessThanOrEqual(parts.length)
      expect(keep === undefined ? text : '').toBe('')
    }),
    { numRuns: 300 },
  )
})

const forms: ((keep: number, text: string) => string)[] = [
  (keep, text) => `KEEP ${keep}\n${text}`,
  (keep, text) => `**Parts kept: ${keep}**\n\n${text}`,
  (keep, text) => `\`\`\`\n${keep}\n${text}\n\`\`\``,
  (keep, text) => `\`\`\`json\n${JSON.stringify({ keep, message: text })}\n\`\`\``,
  (keep, text) => `${keep} of ${parts.length}\nContinuation:\n${text}`,
  (keep, text) => `${String.fromCodePoint(0x660 + keep)}\n${text}\nKEEP ${keep}`,
  (keep, text) => `KEEP ${keep}\n${parts.map((part, n) => `${n + 1}: ${part.trim()}`).join('\n')}\n${text}`,
]

test('any kept number in any form and any chunks gives the number and exactly the continuation', () => {
  const sentence = fc
    .array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 8 })
    .map(all => `So ${all.join(' ')}.`)
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: parts.length }),
      fc.array(sentence, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...forms),
      fc.integer({ min: 1, max: 30 }),
      (keep, lines, form, size) => {
        const found = read(form(keep, lines.join('\n')).match(new RegExp(`[^]{1,${size}}`, 'g'))!)
        expect({ ...found, text: found.text.trim() }).toEqual({ keep, text: lines.join('\n') })
      },
    ),
    { numRuns: 300 },
  )
})

test("another participant's line is cut, also as the first and in a short one", () => {
  expect(cutAtOtherName('Ada: Yes.', ['Ada'], true)).toBe('')
  expect(cutAtOtherName('Yes.\nAda: No.', ['Ada'], true)).toBe('Yes.')
  expect(cutAtOtherName(' Ada: No.', ['Ada'], false)).toBe(' Ada: No.')
})

test('a space separates kept parts from their continuation where the script needs one', () => {
  expect(separatorBetween('This.', 'That')).toBe(' ')
  expect(separatorBetween('This', ', and')).toBe('')
  expect(separatorBetween('', 'That')).toBe('')
  expect(separatorBetween('これ。', 'それ')).toBe('')
})

test('the last word of an aborted answer is dropped', () => {
  expect(trimPartialWord(' And the second thi')).toBe(' And the second')
  expect(trimPartialWord(' And the second thing.')).toBe(' And the second thing.')
  expect(trimPartialWord(' The')).toBe('')
})

test.each(['', ' \n', '-', '—', '"-"', '...', '(silence)', 'No response.'])('%j means nothing to say', text => {
  expect(isSilence(text)).toBe(true)
})

test.each(['- a list', 'Silent nights', 'No.', '-1'])('%j is a message', text => {
  expect(isSilence(text)).toBe(false)
})

test.each([
  ['But no. KEEP 2', 'But no.'],
  ['That is all (KEEP 2).', 'That is all'],
  ['I KEEP 2 parts.', ''],
  ['KEEP half', ''],
  [' KEEP 1.5', ''],
  ['Let us keep 2 apples. KEEP CALM.', 'Let us keep 2 apples. KEEP CALM.'],
])('of a later part %j the room gets %j', (text, expected) => {
  expect(withoutVerdict(text)).toBe(expected)
})
