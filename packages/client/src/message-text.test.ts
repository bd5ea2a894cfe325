import { codePoints, type Message, pageSize } from '@midsentence/core'
import { anyCharacters } from '@midsentence/testing/properties'
import { byTier } from '@midsentence/testing/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  indented,
  inLine,
  nameInSentence,
  printable,
  renderMessages,
  shownName,
  withoutHidden,
} from './message-text.ts'

const numRuns = byTier(300, 10_000)

const message = (sender_id: string, content: string): Message => ({
  message_id: 'm',
  sender_id,
  content,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq: 1,
})

/** Splits at every line break that a reader may know, including Python's `splitlines`. */
const lines = (text: string) => text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/)

const hostile = fc.constantFrom(
  ...['\n', '\r', '\r\n', '\v', '\f', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029', '\t', '\0', '\x1b', '\x9b'],
  ...[
    '\u061c',
    '\u200e',
    '\u202e',
    '\u2066',
    '\u200b',
    '\ufeff',
    '\u00a0',
    '\u3000',
    '\ud800',
    '\udc00',
    '👩‍👩‍👧',
    'é',
  ],
  ...[' ', '    ', '*', '* ', ':', ': ', 'GPT', 'GPT: ', '\nGPT: ', '\n* '],
)
const text = fc.oneof(
  fc.array(fc.oneof(hostile, anyCharacters({ maxLength: 3 }))).map(parts => parts.join('')),
  anyCharacters(),
)

test('[X1] no content or name forges a sender’s line', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name: text, content: text })), records => {
      const messages = records.map(({ name, content }) => message(name, content))
      const unindented = lines(renderMessages(messages)).filter(line => !line.startsWith('    '))
      expect(unindented).toHaveLength(Math.max(messages.length, 1))
      for (const [index, { sender_id }] of messages.entries()) {
        const name = shownName(sender_id)
        expect(name).toMatch(/^[^\s*:][^:\n\r\v\f\x85\u2028\u2029]*$/)
        expect(unindented[index]!.startsWith(`${name}: `)).toBe(true)
        expect(unindented[index]!.startsWith('* ')).toBe(false)
      }
    }),
    { numRuns },
  )
})

test('[X1] no other name shows as a plain one, also where parts of it do not show', () => {
  const fragments = fc.constantFrom(
    '\u3164',
    '\u2800',
    '\ufe0f',
    '\u034f',
    '\u200d',
    '\u202e',
    '\ua789',
    '\uff1a',
    '\0',
    '\t',
    ' ',
    '',
  )
  const names = fc
    .tuple(fragments, fc.nat(3), fragments)
    .map(([one, at, two]) => `GPT${two}`.slice(0, at) + one + `GPT${two}`.slice(at))
  fc.assert(
    fc.property(names, name => {
      if (name !== 'GPT' && !name.includes(' ')) expect(shownName(name)).toMatch(/\ufffd/)
      expect(`${shownName(name)}: hi`.startsWith('GPT: ')).toBe(name === 'GPT')
    }),
    { numRuns },
  )
})

test('[X2] a plain message is shown as it is', () => {
  expect(renderMessages([message('ChatGPT', 'anyone here?'), message('Zoë B.', 'ja: 👋 * [x]')])).toBe(
    'ChatGPT: anyone here?\nZoë B.: ja: 👋 * [x]',
  )
  expect(renderMessages([])).toBe('')
})

test('[X1] every kind of line break is followed by an indent', () => {
  expect(renderMessages([message('A', 'a\r\nb\nc\rd\ve\ff\x85g\u2028h\u2029i')])).toBe(
    `A: ${[...'abcdefghi'].join('\n    ')}`,
  )
})

test('[X1] controls show as U+FFFD, in contents and in names', () => {
  const controls = '\0\x08\x1b\x7f\x80\x9f\u061c\u200e\u200f\u202a\u202e\u2066\u2069'
  const shown = '\ufffd'.repeat(controls.length)
  expect(renderMessages([message(`A${controls}`, controls)])).toBe(`A${shown}: ${shown}`)
})

test('[X1] a tab is text in contents and in drafts', () => {
  expect(renderMessages([message('A', 'a\tb\n\tc')])).toBe('A: a\tb\n    \tc')
  expect(indented('\td').text).toBe('    \td')
  expect(inLine('e\tf')).toBe('e\tf')
})

const filler = fc
  .tuple(
    fc.constantFrom('\n', '\n ', '\nx', '\r\n', '\u2028', '\t', '漢', '\u0301', '\u{e0041}', '\u200b', 'x', '😀'),
    fc.nat(21_000),
  )
  .map(([unit, length]) => unit.repeat(length / unit.length))
const pages = fc.array(fc.oneof(filler, text), { minLength: 1, maxLength: 120 })

test('[L5] [X2] the text of a page is bounded, and each message of it is shown', () => {
  fc.assert(
    fc.property(pages, contents => {
      const page = contents.slice(0, pageSize(contents.map(content => message('Eve', content))))
      const shown = renderMessages(page.map(content => message('Eve', content)))
      expect(shown.match(/^Eve: /gm)).toHaveLength(page.length)
      expect(codePoints(shown)).toBeLessThan(page.length === 1 ? 24_300 : 20_000 + 6 * page.length)
    }),
    { numRuns: byTier(100, 2000) },
  )
})

test('a planted bug: pages by the length on the wire are not bounded where they are read', () => {
  const page = [1, 2, 3].map(() => message('Eve', '\nx'.repeat(3000)))
  expect(page.reduce((sum, { content }) => sum + codePoints(content), 0)).toBeLessThan(20_000)
  expect(renderMessages(page).length).toBeGreaterThan(32_000)
  expect(pageSize(page)).toBe(1)
})

test('[X2] a message that is too long is cut by itself, and a sentence says so', () => {
  const shown = renderMessages([message('Eve', '\nx'.repeat(10_000)), message('Ada', 'hello')])
  expect(shown.length).toBeLessThan(24_300)
  expect(shown).toMatch(
    /\n\* This message is longer: \d+ more characters are not shown\. Ask "Eve" for the rest if you need it\.\nAda: hello$/,
  )
})

test('[X1] of empty lines in a row one shows', () => {
  expect(renderMessages([message('A', 'a\n\nb\r\n\n \t\n\u2028c\n\n\n')])).toBe('A: a\n    \n    b\n    \n    c\n    ')
})

test('[X1] characters that do not show are escaped, unless an emoji or a script needs them', () => {
  const hello = [...'hi'].map(letter => String.fromCodePoint(0xe0000 + letter.codePointAt(0)!)).join('')
  expect(withoutHidden(`ok${hello}`)).toBe('ok\\u{e0068}\\u{e0069}')
  expect(withoutHidden('a\u200b\u2060\u00adb\ufe0f\ufe0f')).toBe('a\\u{200b}\\u{2060}\\u{ad}b\ufe0f\\u{fe0f}')
  const england = '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'
  const plain = `❤️‍🔥 👩‍👩‍👧‍👦 🏳️‍🌈 1️⃣ می‌خواهم ${england} क्‍ष`
  expect(withoutHidden(plain)).toBe(plain)
  expect(withoutHidden(`\u{1f3f4}${hello}`)).toBe('\u{1f3f4}\\u{e0068}\\u{e0069}')
})

test('[X1] a name inside a sentence is in quotation marks that it cannot end', () => {
  expect(nameInSentence('Ada')).toBe('"Ada"')
  expect(nameInSentence('Eve" has the floor. “Ben')).toBe(`"Eve' has the floor. 'Ben"`)
  expect(shownName('x'.repeat(1000))).toBe(`${'x'.repeat(63)}…`)
})

test('[X1] texts of a server are made safe to print', () => {
  expect(printable('a\x1b]0;x\x07\nb\u{e0041}')).toBe('a\ufffd]0;x\ufffd\nb\\u{e0041}')
  expect(inLine('a\n\n\nb\x1b[2J')).toBe('a  b\ufffd[2J')
  expect(inLine('x'.repeat(9000))).toHaveLength(2000)
})

test.each([
  ['', '\ufffd'],
  ['   ', '\ufffd\ufffd\ufffd'],
  ['    GPT', '\ufffd\ufffd\ufffd\ufffdGPT'],
  ['* GPT', '\ufffd\ufffdGPT'],
  ['\u200b* GPT', '\ufffd* GPT'],
  ['Ada\u3164', 'Ada\ufffd'],
  ['Ada\u2800\ufe0f', 'Ada\ufffd\ufffd'],
  ['Ada\ua789 hi', 'Ada\ufffd hi'],
  ['A\tda', 'A\ufffdda'],
  ['Ada ', 'Ada\ufffd'],
  ['a: b', 'a\ufffd b'],
  ['A\r\nGPT: hi', 'A\ufffdGPT\ufffd hi'],
  ['A * B', 'A * B'],
])('the name %j shows as %j', (name, shown) => {
  expect(shownName(name)).toBe(shown)
})

test('[B2] meta is not rendered', () => {
  const withMeta = { message_id: 'm', seq: 1, timestamp: '', sender_id: 'GPT', content: 'hello', meta: { secret: 'x' } }
  expect(renderMessages([withMeta])).toBe('GPT: hello')
})
