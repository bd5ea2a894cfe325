import fc from 'fast-check'
import { test } from 'vitest'
import { byTier } from './tier.ts'

/** Runs per property that takes milliseconds. */
export const runs = byTier(200, 10_000)

/** Runs per property that takes seconds. */
export const slowRuns = byTier(30, 2000)

/** Registers a property as a test. fast-check prints the seed of a counterexample; keep it as a named example. */
export function prop<T extends [unknown, ...unknown[]]>(
  name: string,
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  check: (...values: T) => void | Promise<void>,
  numRuns = runs,
): void {
  const property = fc.asyncProperty<T>(...(arbitraries as never), async (...values: T) => {
    await check(...values)
  })
  test(name, () => fc.assert(property, { numRuns }))
}

const characterIn = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map(point => String.fromCodePoint(point))

/**
 * Generates texts of any characters. The unit `binary` of fast-check builds a table of 1.1 million characters in each
 * process. `fc.string` adds names that objects have, such as `__proto__`.
 */
export const anyCharacters = (constraints: fc.StringSharedConstraints = {}): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ ...constraints, unit: fc.oneof(characterIn(0, 0xd7ff), characterIn(0xe000, 0x10ffff)) }),
    fc.string(constraints),
  )

const run = (unit: fc.Arbitrary<string>, maxLength: number) => fc.string({ unit, minLength: 1, maxLength })

/** Pieces of text that are easily cut wrongly. */
const pieces: fc.Arbitrary<string>[] = [
  run(characterIn(0x20, 0x7e), 12),
  fc.constantFrom('word ', ' ', '. ', 'né', 'привет ', '你好', 'ひらがな', 'カタカナ', 'عربي'),
  // Astral characters: emoji, CJK beyond the BMP, mathematical letters.
  run(fc.constantFrom('😀', '𠮷', '𝔘', '🎈'), 6),
  // ZWJ families, modifiers, keycaps, tag sequences, and lone joiners.
  fc.constantFrom('👩‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '\u200d', '\u200c', '❤\ufe0f', '👩\u200d', '\u200d👧', '🏿'),
  // Runs of regional indicators: flags, and a single half.
  run(characterIn(0x1f1e6, 0x1f1ff), 11),
  // Combining marks, with and without a base.
  fc.tuple(fc.constantFrom('e', 'a', '', '😀', '\n'), run(characterIn(0x300, 0x36f), 5)).map(parts => parts.join('')),
  // Hangul, composed and as jamo: leading, vowel, trailing.
  run(
    fc.oneof(
      characterIn(0x1100, 0x1112),
      characterIn(0x1161, 0x1175),
      characterIn(0x11a8, 0x11c2),
      characterIn(0xac00, 0xac20),
    ),
    6,
  ),
  // Devanagari conjuncts, with and without joiners.
  run(fc.constantFrom('क', 'ष', '\u094d', '\u093c', '\u093f', '\u0903', '\u200d'), 6),
  // Prepend characters, which join the next character.
  fc.constantFrom('\u0600', '\u06dd1', '\u070f', '\u0d4e', '\u{110bd}', '\u0600😀', '\u{111c2}क'),
  run(fc.constantFrom('\r', '\n', '\r\n', '\t', '\0', '\u0085', '\u2028'), 4),
  // Surrogates without their other half.
  fc.constantFrom('\ud83d', '\ude00', '\ud83d\ud83d', '\udfff\ud800', '\ufffd'),
  anyCharacters({ maxLength: 4 }),
]

/** Generates short texts, also "", that reach each rule of grapheme segmentation, and lone surrogates. */
export const draftText = (maxPieces = 12): fc.Arbitrary<string> =>
  fc.array(fc.oneof(...pieces), { maxLength: maxPieces }).map(parts => parts.join(''))

/** Generates texts of about `around` code points, with a piece at that position that is easily cut wrongly. */
export const longText = (around = 1000): fc.Arbitrary<string> =>
  fc
    .tuple(draftText(3), fc.oneof(...pieces), fc.integer({ min: -2, max: 12 }), fc.oneof(...pieces, fc.constant('')))
    .map(([before, over, shift, after]) => {
      const filled = [...before].length + shift
      return before + 'x'.repeat(Math.max(0, around - filled)) + over + after
    })

/** Generates texts of 999, 1000 and 1001 characters, ASCII and astral. */
export const edgeText = (): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom('x', '字', '😀', '🇩🇪', 'e\u0301'), fc.constantFrom(999, 1000, 1001))
    .map(([unit, length]) => [...unit.repeat(length)].slice(0, length).join(''))

/** Generates any text for a draft: mostly short, sometimes about as long as the longest segment. */
export const anyText = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: draftText() },
    { weight: 2, arbitrary: longText() },
    { weight: 1, arbitrary: edgeText() },
  )

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** Returns every grapheme boundary of `text`, as the reference for faster code. */
export const boundariesOf = (text: string): ReadonlySet<number> =>
  new Set([...segmenter.segment(text)].map(({ index }) => index).concat(text.length))
