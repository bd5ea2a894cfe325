import fc from 'fast-check'
import { test } from 'vitest'
import { byTier } from './tier.ts'

/** Runs of a property that takes milliseconds. */
export const runs = byTier(1000, 10_000)

/** Runs of a property that takes seconds. */
export const slowRuns = byTier(100, 2000)

/** A property as a test. fast-check prints seed and path of a counterexample; keep it as a named example. */
export function prop<T extends [unknown, ...unknown[]]>(
  name: string,
  given: { [K in keyof T]: fc.Arbitrary<T[K]> },
  check: (...values: T) => void | Promise<void>,
  numRuns = runs,
): void {
  const property = fc.asyncProperty<T>(...(given as never), async (...values: T) => {
    await check(...values)
  })
  test(name, () => fc.assert(property, { numRuns }))
}

const ofRange = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map(point => String.fromCodePoint(point))

const many = (unit: fc.Arbitrary<string>, most: number) => fc.string({ unit, minLength: 1, maxLength: most })

/** Text that is apt to be cut wrongly, piece by piece. */
const pieces: fc.Arbitrary<string>[] = [
  many(ofRange(0x20, 0x7e), 12),
  fc.constantFrom('word ', ' ', '. ', 'né', 'привет ', '你好', 'ひらがな', 'カタカナ', 'عربي'),
  // Astral characters: emoji, CJK beyond the BMP, mathematical letters.
  many(fc.constantFrom('😀', '𠮷', '𝔘', '🎈'), 6),
  // ZWJ families, modifiers, keycaps, tag sequences, and joiners that join nothing.
  fc.constantFrom('👩‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '\u200d', '\u200c', '❤\ufe0f', '👩\u200d', '\u200d👧', '🏿'),
  // Runs of regional indicators: flags, and one half too many.
  many(ofRange(0x1f1e6, 0x1f1ff), 11),
  // Combining marks, on a base and on nothing.
  fc.tuple(fc.constantFrom('e', 'a', '', '😀', '\n'), many(ofRange(0x300, 0x36f), 5)).map(parts => parts.join('')),
  // Hangul, composed and as jamo: leading, vowel, trailing.
  many(fc.oneof(ofRange(0x1100, 0x1112), ofRange(0x1161, 0x1175), ofRange(0x11a8, 0x11c2), ofRange(0xac00, 0xac20)), 6),
  // Devanagari conjuncts, with and without joiners.
  many(fc.constantFrom('क', 'ष', '\u094d', '\u093c', '\u093f', '\u0903', '\u200d'), 6),
  // Prepend characters, which hold on to what follows.
  fc.constantFrom('\u0600', '\u06dd1', '\u070f', '\u0d4e', '\u{110bd}', '\u0600😀', '\u{111c2}क'),
  many(fc.constantFrom('\r', '\n', '\r\n', '\t', '\0', '\u0085', '\u2028'), 4),
  // Surrogates without their other half.
  fc.constantFrom('\ud83d', '\ude00', '\ud83d\ud83d', '\udfff\ud800', '\ufffd'),
  fc.string({ unit: 'binary', maxLength: 4 }),
]

/** Short texts, "" among them, that reach every rule of grapheme segmentation and lone surrogates. */
export const draftText = (most = 12): fc.Arbitrary<string> =>
  fc.array(fc.oneof(...pieces), { maxLength: most }).map(parts => parts.join(''))

/** Texts of just about `around` code points, with something that is apt to be cut wrongly at that very place. */
export const longText = (around = 1000): fc.Arbitrary<string> =>
  fc
    .tuple(draftText(3), fc.oneof(...pieces), fc.integer({ min: -2, max: 12 }), fc.oneof(...pieces, fc.constant('')))
    .map(([before, over, shift, after]) => {
      const filled = [...before].length + shift
      return before + 'x'.repeat(Math.max(0, around - filled)) + over + after
    })

/** Texts of exactly 999, 1000 and 1001 characters, ASCII and astral. */
export const edgeText = (): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom('x', '字', '😀', '🇩🇪', 'e\u0301'), fc.constantFrom(999, 1000, 1001))
    .map(([unit, length]) => [...unit.repeat(length)].slice(0, length).join(''))

/** Any text a draft may meet: mostly short, sometimes about as long as a segment may be. */
export const anyText = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: draftText() },
    { weight: 2, arbitrary: longText() },
    { weight: 1, arbitrary: edgeText() },
  )

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** The oracle: every grapheme boundary of `text`, found by walking all of it. */
export const boundariesOf = (text: string): ReadonlySet<number> =>
  new Set([...segmenter.segment(text)].map(({ index }) => index).concat(text.length))
