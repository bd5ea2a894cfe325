import { type Draft, textOf } from './evolve.ts'
import { clusterAt } from './truncate.ts'

/** The maximum length of a suffix, in code points. */
export const SUFFIX_LENGTH = 80
/** How many code points before the suffix are searched for a boundary that does not depend on earlier text. */
const LOOKBACK = 256

/** Code points that no rule of UAX #29 joins to the text before them, except for the pairs in `isAlwaysBoundary`. */
const starter =
  /^(?=[^\p{Grapheme_Extend}\p{M}])[\p{ASCII}\p{Extended_Pictographic}\p{Regional_Indicator}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u
/** Code points that join nothing after them, except for those pairs: everything known not to be a Prepend. */
const closed =
  /^[\p{ASCII}\p{M}\p{Emoji_Modifier}\p{Extended_Pictographic}\p{Regional_Indicator}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u
/**
 * Letters and digits of any script that no ASCII character joins: no marks, and not the two vowels that act as marks.
 */
const letter = /^(?=[^\p{Grapheme_Extend}\u0e33\u0eb3])[\p{L}\p{N}]$/u
const isFlagHalf = (character: string): boolean => character >= '\u{1f1e6}' && character <= '\u{1f1ff}'

/** Whether a cluster boundary lies between the code points `a` and `b`, independent of the text before them. False when in doubt. */
function isAlwaysBoundary(a: string, b: string): boolean {
  if (a <= '\x7f' && b <= '\x7f') return !(a === '\r' && b === '\n')
  if (isFlagHalf(a) && isFlagHalf(b)) return false
  return (a <= '\x7f' && letter.test(b)) || (starter.test(b) && closed.test(a))
}

const isLow = (text: string, index: number) => (text.charCodeAt(index) & 0xfc00) === 0xdc00

/** Returns the index `count` code points before `from` in well-formed `text`, or 0. */
function back(text: string, from: number, count: number): number {
  let index = from
  for (let i = 0; i < count && index > 0; i++) index -= index > 1 && isLow(text, index - 1) ? 2 : 1
  return index
}

const isSafeBoundary = (text: string, index: number): boolean =>
  isAlwaysBoundary(text.slice(back(text, index, 1), index), String.fromCodePoint(text.codePointAt(index)!))

/** Returns the last `units` code units of the draft's text, or the whole text. It may begin inside a surrogate pair. */
function tailOf(draft: Draft, units: number): string {
  let tail = ''
  for (let segment = draft.head; segment && tail.length < units; segment = segment.previous) {
    tail = segment.text.slice(tail.length - units) + tail
  }
  return tail
}

/**
 * Returns the end of the draft: at most 80 code points, starting on a grapheme boundary of the whole draft. It is shorter if
 * no safe boundary is near, and "" if the last cluster alone is longer. Reads a bounded part of the draft: O(1).
 */
export function suffixOf(draft: Draft): string {
  if (draft.length <= SUFFIX_LENGTH) return textOf(draft)
  const close = tailOf(draft, 2 * SUFFIX_LENGTH + 2)
  const near = back(close, close.length, SUFFIX_LENGTH)
  if (near > 0 && isSafeBoundary(close, near)) return close.slice(near)

  const whole = draft.length <= SUFFIX_LENGTH + LOOKBACK
  const tail = whole ? textOf(draft) : tailOf(draft, 2 * (SUFFIX_LENGTH + LOOKBACK))
  const from = back(tail, tail.length, SUFFIX_LENGTH)
  const boundary = boundaryBefore(tail, from) ?? (whole ? 0 : undefined)
  if (boundary === undefined) return textAfterBoundary(tail, from)
  const window = tail.slice(boundary)
  const cluster = clusterAt(window, from - boundary)
  return window.slice(cluster.index === from - boundary ? cluster.index : cluster.index + cluster.segment.length)
}

/** Returns the nearest safe boundary before `from`, looking back at most `LOOKBACK` code points. */
function boundaryBefore(tail: string, from: number): number | undefined {
  let index = from
  for (let looked = 0; looked < LOOKBACK && index > 0; looked++) {
    index = back(tail, index, 1)
    if (index > 0 && isSafeBoundary(tail, index)) return index
  }
  return undefined
}

function textAfterBoundary(tail: string, from: number): string {
  for (let index = from; index < tail.length; index += isLow(tail, index + 1) ? 2 : 1) {
    if (index > 0 && isSafeBoundary(tail, index)) return tail.slice(index)
  }
  return ''
}
