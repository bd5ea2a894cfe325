// A character is a Unicode code point; a cut falls between grapheme clusters. No grapheme rule looks further ahead
// than one code point, so `limit + 1` code points of a text settle every cut: a caller's text is never walked whole.

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })
const surrogate = /[\ud800-\udfff]/

/** The grapheme cluster of `text` that holds the code unit at `index`. Costs microseconds where iterating costs its square. */
export const clusterAt = (text: string, index: number) => segmenter.segment(text).containing(index)!

/** Is there a surrogate pair at `index`? */
const isPair = (text: string, index: number): boolean =>
  (text.charCodeAt(index) & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00

/** Code points in `text`; a lone surrogate counts as the one U+FFFD it becomes. */
export function codePoints(text: string): number {
  if (!surrogate.test(text)) return text.length
  let count = 0
  for (let i = 0; i < text.length; i += isPair(text, i) ? 2 : 1) count++
  return count
}

/** The code-unit index behind the first `count` code points of `text`, or its length where it is shorter. */
export function offsetOf(text: string, count: number): number {
  if (text.length <= count) return text.length
  let index = 0
  for (let seen = 0; seen < count && index < text.length; seen++) index += isPair(text, index) ? 2 : 1
  return index
}

/** The longest prefix of at most `limit` code points that ends between clusters; "" where the first one is longer. */
function wholeClusters(text: string, limit: number): string {
  const end = offsetOf(text, limit)
  if (end >= text.length) return text
  const probe = text.slice(0, end + (isPair(text, end) ? 2 : 1)).toWellFormed()
  return probe.slice(0, clusterAt(probe, end).index)
}

/**
 * What is kept of `text` as one segment: at most `limit` code points, cut on the last grapheme boundary at or before
 * it (a first cluster longer than `limit` is cut between code points), then at most `room` code points of whole
 * clusters, "" where none fits. Lone surrogates become U+FFFD; nothing else is normalised.
 */
export function truncate(text: string, limit: number, room = Number.POSITIVE_INFINITY): string {
  let kept = text
  if (text.length > limit) {
    const end = offsetOf(text, limit)
    if (end < text.length) kept = wholeClusters(text, limit) || text.slice(0, end)
  }
  if (kept.length > room && codePoints(kept) > room) kept = wholeClusters(text, room)
  return kept.toWellFormed()
}
