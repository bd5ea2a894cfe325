import fc from 'fast-check'

const clusters = [
  'a',
  'b',
  ' ',
  'Zed',
  '\n',
  '\r\n',
  '\t',
  '\0',
  'é',
  'e\u0301',
  'o\u0302\u0323',
  '\u0301',
  '漢',
  'か\u3099',
  '한',
  '\u1112\u1161\u11ab',
  'न\u094dदी',
  '😀',
  '𝒳',
  '👍🏽',
  '👩‍👩‍👧‍👦',
  '🏳️‍🌈',
  '🇩🇪',
  '🇫🇷',
  '🇩',
  '\u200d',
  '\ufe0f',
  '\u202e',
  '\u2028',
  '\ufffd',
  '\ud800',
  '\udc00',
] as const

/**
 * Texts with everything that a cut may damage: astral characters, ZWJ families, flags, combining marks, Hangul and
 * Devanagari clusters, line breaks, lone surrogates. `maxLength` counts such pieces. Default: 40.
 */
export const texts = ({ maxLength = 40 }: { readonly maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...clusters), { maxLength }).map(parts => parts.join(''))

/** Texts of about `limit` characters, some with a cluster across the limit. */
export const textsAround = (limit: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: limit - 8, max: limit + 1 }), texts({ maxLength: 12 }))
    .map(([length, end]) => 'x'.repeat(Math.max(0, length)) + end)
