import { anyText, boundariesOf, draftText, prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { append, type DraftLimits, undo } from './decide.ts'
import { type Draft, emptyDraft, evolve, textOf } from './evolve.ts'
import { SUFFIX_LENGTH, suffixOf } from './suffix.ts'

const wide: DraftLimits = { segment: 200_000, draft: 1_000_000, segments: 1_000_000 }

const written = (texts: readonly string[]): Draft =>
  texts.reduce<Draft>((draft, text) => append(draft, text, 0, wide).draft, emptyDraft)

/** Finds the longest end of at most 80 code points on a grapheme boundary, by reading the whole text. */
function longest(text: string): string {
  const from = [...text].slice(0, -SUFFIX_LENGTH).join('').length
  return text.slice([...boundariesOf(text)].sort((a, b) => a - b).find(index => index >= from))
}

const anyDraft = fc.array(anyText(), { maxLength: 6 }).map(written)
/** Text in which a safe boundary is always near: words of several scripts, emoji, spaces. */
const plainText = fc
  .array(
    fc.constantFrom(
      'word',
      ' ',
      'né',
      'привет',
      '你好',
      'かな',
      '😀',
      '👩‍👩‍👧‍👦',
      '👍🏽',
      '🇩🇪',
      'e\u0301',
      '\r\n',
      '!',
    ),
    {
      maxLength: 150,
    },
  )
  .map(parts => parts.join(''))

prop('[S1] the suffix is the exact end of the draft', [anyDraft], draft => {
  expect(textOf(draft).endsWith(suffixOf(draft))).toBe(true)
})

prop('[S2] the suffix has at most 80 code points and starts on a grapheme boundary of the draft', [anyDraft], draft => {
  const text = textOf(draft)
  const suffix = suffixOf(draft)
  expect([...suffix].length).toBeLessThanOrEqual(SUFFIX_LENGTH)
  expect(boundariesOf(text).has(text.length - suffix.length)).toBe(true)
})

prop(
  '[S2] the suffix is the longest such end if a safe boundary is near',
  [fc.array(plainText, { maxLength: 4 })],
  texts => {
    const draft = written(texts)
    expect(suffixOf(draft)).toBe(longest(textOf(draft)))
  },
)

prop('[S2] the suffix of a short draft is the longest such end', [draftText(30)], text => {
  const short = [...text.toWellFormed()].slice(0, 336).join('')
  expect(suffixOf(written([short]))).toBe(longest(short))
})

prop('[S2] the suffix depends on the text, not on its segments', [draftText(40), fc.nat()], (text, where) => {
  const whole = [...text.toWellFormed()]
  const at = whole.length === 0 ? 0 : where % whole.length
  const split = [whole.slice(0, at).join(''), ...whole.slice(at)].filter(part => part !== '')
  expect(suffixOf(written(split))).toBe(suffixOf(written([whole.join('')])))
})

test.each([
  ['Korean', '이 방에서 우리는 천천히 이야기를 나눕니다 '],
  ['Hindi', 'हम इस कमरे में धीरे धीरे बात करते हैं। '],
  ['Arabic', 'نتحدث ببطء في هذه الغرفة '],
  ['Hebrew', 'אנחנו מדברים לאט בחדר הזה '],
  ['Thai', 'เรา คุยกัน ช้า ช้า ทั้งน้ำและฟ้า '],
  ['Tamil', 'நாம் இந்த அறையில் மெதுவாகப் பேசுகிறோம் '],
])('[S2] words of any script that writes spaces: %s', (_, words) => {
  const text = words.repeat(60)
  expect(suffixOf(written([text]))).toBe(longest(text))
  expect(suffixOf(written([...text]))).toBe(longest(text))
})

test('[S2] up to 80 characters the suffix is the draft', () => {
  expect(suffixOf(emptyDraft)).toBe('')
  for (const text of ['a', 'x'.repeat(80), '\u0301'.repeat(80), '🇩🇪'.repeat(40), '\u0600']) {
    expect(suffixOf(written([text]))).toBe(text)
  }
})

test('[S2] a cluster that starts before the last 80 characters is left out', () => {
  const ending = 'y'.repeat(78)
  for (const cluster of ['👩‍👩‍👧‍👦', 'e\u0301\u0302', '\u1112\u1161\u11ab', '👍🏽\ufe0f', '🏳️‍🌈']) {
    expect(suffixOf(written([`before ${cluster}${ending}`]))).toBe(ending)
  }
  expect(suffixOf(written([`x${'\r\n'}${'y'.repeat(79)}`]))).toBe('y'.repeat(79))
})

test('[S2] a cut run of flags is paired correctly', () => {
  const flags = '🇩🇪'.repeat(60)
  expect(suffixOf(written([flags]))).toBe('🇩🇪'.repeat(40))
  expect(suffixOf(written([`a${flags}b`]))).toBe(`${'🇩🇪'.repeat(39)}b`)
  expect(suffixOf(written([flags, '🇫', '🇷']))).toBe(`${'🇩🇪'.repeat(39)}🇫🇷`)
  expect(suffixOf(written(['🇫', flags]))).toBe(longest(`🇫${flags}`))
})

test('[S2] the suffix is "" if the last cluster alone is longer', () => {
  expect(suffixOf(written([`text ${'a'}${'\u0301'.repeat(80)}`]))).toBe('')
  expect(suffixOf(written(['text ', Array(60).fill('👩').join('\u200d')]))).toBe('')
})

test('[S2] the suffix is "" without a safe boundary nearby, as in a long run of flags', () => {
  expect(suffixOf(written(['🇩🇪'.repeat(50_000)]))).toBe('')
})

test('[S2] the suffix is shorter if the first safe boundary is late', () => {
  expect(suffixOf(written([`${'🇩🇪'.repeat(50_000)} and words`]))).toBe(' and words')
})

test.each(['x', '字', '😀', 'a\u0301', 'word '])('[S2] the end of 100,000 times %j', unit => {
  const length = [...unit].length
  expect(suffixOf(written([unit.repeat(100_000)]))).toBe(unit.repeat(SUFFIX_LENGTH / length))
})

test('[S2] clusters may span segments; undo works on segments all the same', () => {
  const spanning = written(['x'.repeat(100), 'e', '\u0301', 'y'.repeat(79)])
  expect(suffixOf(spanning)).toBe('y'.repeat(79))
  expect(suffixOf(undo(undo(spanning).draft).draft)).toBe(`${'x'.repeat(79)}e`)
})

test('[S2] segments that decide did not cut have a suffix too', () => {
  const draft = evolve(evolve(emptyDraft, { type: 'appended', text: '', base: 0 }), {
    type: 'appended',
    text: 'a',
    base: 0,
  })
  expect(suffixOf(draft)).toBe('a')
})
