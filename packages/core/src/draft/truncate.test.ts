import { boundariesOf, draftText, edgeText, longText, prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codePoints, offsetOf, truncate } from './truncate.ts'

const family = '👩‍👩‍👧‍👦'

/** Computes the result of truncate by reading the whole text. */
function oracle(text: string, limit: number, room = Number.POSITIVE_INFINITY): string {
  const formed = text.toWellFormed()
  const boundaries = [...boundariesOf(formed)].sort((a, b) => a - b)
  const upTo = (count: number) => boundaries.findLast(index => [...formed.slice(0, index)].length <= count) ?? 0
  const cut = upTo(limit) || [...formed].slice(0, limit).join('').length
  return [...formed.slice(0, cut)].length <= room ? formed.slice(0, cut) : formed.slice(0, upTo(room))
}

const limits = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 60 }))

prop('[T1] a kept segment is a prefix of the well-formed text', [draftText(), limits], (text, limit) => {
  expect(text.toWellFormed().startsWith(truncate(text, limit))).toBe(true)
})

prop('[T2] the cut is the last grapheme boundary within the limit', [draftText(), limits], (text, limit) => {
  const kept = truncate(text, limit)
  const formed = text.toWellFormed()
  expect([...kept].length).toBeLessThanOrEqual(limit)
  const boundaries = boundariesOf(formed)
  const first = [...boundaries].sort((a, b) => a - b)[1] ?? 0
  if ([...formed.slice(0, first)].length > limit) expect(kept).toBe([...formed].slice(0, limit).join(''))
  else expect(boundaries.has(kept.length)).toBe(true)
  expect(kept).toBe(oracle(text, limit))
})

prop('[T2] the same for long texts and the default limit', [fc.oneof(longText(), edgeText())], text => {
  expect(truncate(text, 1000)).toBe(oracle(text, 1000))
})

prop(
  '[T3] text too long for the draft is cut to whole clusters',
  [draftText(), limits, limits],
  (text, limit, room) => {
    const kept = truncate(text, limit, room)
    expect([...kept].length).toBeLessThanOrEqual(room)
    expect(kept).toBe(oracle(text, limit, room))
  },
)

test('[T3] nothing is kept if no cluster fits, also with a negative remainder', () => {
  expect(truncate(family, 1000, 6)).toBe('')
  expect(truncate(`a${family}`, 1000, 6)).toBe('a')
  expect(truncate(family, 1000, 7)).toBe(family)
  expect(truncate('abc', 1000, 0)).toBe('')
  expect(truncate('abc', 1000, -5)).toBe('')
  expect(truncate('', 1000, -5)).toBe('')
})

test('[T3] a cluster longer than a segment is cut for the segment, never for the draft', () => {
  const long = `a${'\u0301'.repeat(1500)}`
  expect(truncate(long, 1000, 1000)).toHaveLength(1000)
  expect(truncate(long, 1000, 999)).toBe('')
})

prop('[T4] lone surrogates become U+FFFD; nothing else changes', [draftText()], text => {
  expect(truncate(text, 10_000)).toBe(text.toWellFormed())
})

test('[T4] nothing is normalised', () => {
  for (const text of ['e\u0301', 'é', 'ﬁ', 'Å', '\r\n', '\u0958', '가', '\u1100\u1161', ' \u00a0\ufeff\0']) {
    expect(truncate(text, 1000)).toBe(text)
  }
})

test('[T4] a surrogate pair split between two texts becomes two U+FFFD', () => {
  expect(truncate('a\ud83d', 1000) + truncate('\ude00b', 1000)).toBe('a\ufffd\ufffdb')
})

test.each([
  ['a ZWJ family', 'x'.repeat(996), family],
  ['a flag', 'x'.repeat(999), '🇩🇪'],
  ['the second of two flags', `${'x'.repeat(997)}🇩🇪`, '🇫🇷'],
  ['a surrogate pair', 'x'.repeat(1000), '😀'],
  ['CR LF', 'x'.repeat(999), '\r\n'],
  ['a letter and its accent', 'x'.repeat(999), 'e\u0301'],
  ['a skin tone', 'x'.repeat(999), '👍🏽'],
  ['jamo of a syllable', 'x'.repeat(998), '\u1112\u1161\u11ab'],
  ['a Prepend character and its base', 'x'.repeat(999), '\u0600١'],
])('[T2] %s is not cut in the middle', (_, whole, cluster) => {
  expect(truncate(whole + cluster, 1000)).toBe(whole)
  expect(truncate(`${whole + cluster} and more`, 1000)).toBe(whole)
})

test('[T2] text that ends exactly at the limit is kept', () => {
  const text = `${'x'.repeat(993)}${family}`
  expect(truncate(text, 1000)).toBe(text)
  expect(truncate(`${text}${family}`, 1000)).toBe(text)
  expect(truncate(`${text}\u0301`, 1000)).toBe('x'.repeat(993))
})

test('[T2] a first cluster longer than the limit is cut between code points, never inside one', () => {
  const zalgo = `a${'\u0301'.repeat(1200)}`
  expect(truncate(zalgo, 1000)).toBe(`a${'\u0301'.repeat(999)}`)
  const joined = Array(700).fill('👩').join('\u200d')
  const kept = truncate(joined, 1000)
  expect([...kept]).toHaveLength(1000)
  expect(kept.isWellFormed()).toBe(true)
})

test('[T2] long runs of flags are cut between flags', () => {
  expect(truncate('🇩🇪'.repeat(50_000), 1000)).toBe('🇩🇪'.repeat(500))
  expect(truncate(`x${'🇩🇪'.repeat(50_000)}`, 1000)).toBe(`x${'🇩🇪'.repeat(499)}`)
  expect(truncate(`x${'🇩🇪'.repeat(50_000)}`, 1001)).toBe(`x${'🇩🇪'.repeat(500)}`)
})

test.each(['x', '字', '😀', 'e\u0301', '\r\n', '\ud800'])('[T2] 100,000 characters of %j keep 1000', unit => {
  const kept = truncate(unit.repeat(100_000), 1000)
  expect(kept).toBe(unit.repeat(1000 / [...unit].length).toWellFormed())
})

prop('codePoints equals a count by iteration', [draftText()], text => {
  expect(codePoints(text)).toBe([...text].length)
})

prop('offsetOf returns the end of the first count code points', [draftText(), fc.nat(40)], (text, count) => {
  expect(offsetOf(text, count)).toBe([...text].slice(0, count).join('').length)
})
