// A character is a Unicode code point; cuts fall between grapheme clusters. No grapheme rule looks further ahead than one
// code point, so `limit + 1` code points decide every cut, and a long text from a caller is never read whole.

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })
const surrogate = /[\ud800-\udfff]/

/**
 * Returns the grapheme cluster of `text` at the code unit `index`. Takes microseconds; iteration over clusters is quadratic.
 */
export const clusterAt = (text: string, index: number) => segmenter.segment(text).containing(index)!

/** Whether a surrogate pair begins at `index`. */
const isPair = (text: string, index: number): boolean =>
  (text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00

/** Counts the code points of `text`. A lone surrogate counts as one, since it becomes one U+FFFD. */
export function codePoints(text: string): number {
  if (!surrogate.test(text)) return text.length
  let count = 0
  for (let i = 0; i < text.length; i += isPair(text, i) ? 2 : 1) count++
  return count
}

/** Returns the code-unit index after the first `count` code points of `text`, or its length if it is shorter. */
export function offsetOf(text: string, count: number): number {
  if (text.length <= count) return text.length
  let index = 0
  for (let seen = 0; seen < count && index < text.length; seen++) index += isPair(text, index) ? 2 : 1
  return index
}

/** Returns the longest prefix of whole clusters with at most `limit` code points; "" if the first cluster is longer. */
function wholeClusters(text: string, limit: number): string {
  const end = offsetOf(text, limit)
  if (end >= text.length) return text
  const probe = text.slice(0, end + (isPair(text, end) ? 2 : 1)).toWellFormed()
  return probe.slice(0, clusterAt(probe, end).index)
}

/**
 * Returns the part of `text` that fits one segment. It has at most `limit` code points, cut at a grapheme boundary; a first
 * cluster longer than `limit` is cut between code points. Then it is cut to whole clusters within `remaining` code
 * points, "" if none fits. Lone surrogates become U+FFFD; nothing else is normalised.
 */
export function truncate(text: string, limit: number, remaining = Number.POSITIVE_INFINITY): string {
  let kept = text
  if (text.length > limit) {
    const end = offsetOf(text, limit)
    if (end < text.length) kept = wholeClusters(text, limit) || text.slice(0, end)
  }
  if (kept.length > remaining && codePoints(kept) > remaining) kept = wholeClusters(text, remaining)
  return kept.toWellFormed()
}
