import { type Draft, textOf } from './evolve.ts'
import { clusterAt } from './truncate.ts'

/** A suffix shows at most so many code points of the draft's end. */
export const SUFFIX_LENGTH = 80
/** How many code points before those are searched for a boundary that holds whatever stands before it. */
const LOOKBACK = 256

/** Code points that no rule of UAX #29 joins to what stands before them, but for the pairs excluded in `breaksBefore`. */
const starter =
  /^(?=[^\p{Grapheme_Extend}\p{M}])[\p{ASCII}\p{Extended_Pictographic}\p{Regional_Indicator}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u
/** Code points that join nothing behind them, but for those pairs: everything known not to be a Prepend. */
const closed =
  /^[\p{ASCII}\p{M}\p{Emoji_Modifier}\p{Extended_Pictographic}\p{Regional_Indicator}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u
/** Letters and digits of any script that nothing of ASCII joins: neither marks nor the two vowels that act as such. */
const letter = /^(?=[^\p{Grapheme_Extend}\u0e33\u0eb3])[\p{L}\p{N}]$/u
const isFlagHalf = (character: string): boolean => character >= '\u{1f1e6}' && character <= '\u{1f1ff}'

/** Is there a cluster boundary between the code points `a` and `b`, whatever precedes them? Says false when in doubt. */
function breaksBefore(a: string, b: string): boolean {
  if (a <= '\x7f' && b <= '\x7f') return !(a === '\r' && b === '\n')
  if (isFlagHalf(a) && isFlagHalf(b)) return false
  return (a <= '\x7f' && letter.test(b)) || (starter.test(b) && closed.test(a))
}

const isLow = (text: string, index: number) => (text.charCodeAt(index) & 0xfc00) === 0xdc00

/** The index `count` code points before `from` in well-formed `text`, or 0. */
function back(text: string, from: number, count: number): number {
  let index = from
  for (let i = 0; i < count && index > 0; i++) index -= index > 1 && isLow(text, index - 1) ? 2 : 1
  return index
}

const isSure = (text: string, index: number): boolean =>
  breaksBefore(text.slice(back(text, index, 1), index), String.fromCodePoint(text.codePointAt(index)!))

/** The last `units` code units of the draft's text, or all of it where it is shorter. May begin inside a pair. */
function tailOf(draft: Draft, units: number): string {
  let tail = ''
  for (let segment = draft.head; segment && tail.length < units; segment = segment.previous) {
    tail = segment.text.slice(tail.length - units) + tail
  }
  return tail
}

/**
 * The end of the draft, exactly: at most 80 code points, beginning on a grapheme boundary of the whole draft (shorter
 * where no sure boundary is near, "" where the last cluster alone is longer). Never walks the draft: O(1).
 */
export function suffixOf(draft: Draft): string {
  if (draft.length <= SUFFIX_LENGTH) return textOf(draft)
  const close = tailOf(draft, 2 * SUFFIX_LENGTH + 2)
  const near = back(close, close.length, SUFFIX_LENGTH)
  if (near > 0 && isSure(close, near)) return close.slice(near)

  const whole = draft.length <= SUFFIX_LENGTH + LOOKBACK
  const tail = whole ? textOf(draft) : tailOf(draft, 2 * (SUFFIX_LENGTH + LOOKBACK))
  const from = back(tail, tail.length, SUFFIX_LENGTH)
  const sure = sureBefore(tail, from) ?? (whole ? 0 : undefined)
  if (sure === undefined) return sureAfter(tail, from)
  const window = tail.slice(sure)
  const cluster = clusterAt(window, from - sure)
  return window.slice(cluster.index === from - sure ? cluster.index : cluster.index + cluster.segment.length)
}

/** The nearest sure boundary before `from`, looking back a bounded way. */
function sureBefore(tail: string, from: number): number | undefined {
  let index = from
  for (let looked = 0; looked < LOOKBACK && index > 0; looked++) {
    index = back(tail, index, 1)
    if (index > 0 && isSure(tail, index)) return index
  }
  return undefined
}

function sureAfter(tail: string, from: number): string {
  for (let index = from; index < tail.length; index += isLow(tail, index + 1) ? 2 : 1) {
    if (index > 0 && isSure(tail, index)) return tail.slice(index)
  }
  return ''
}
