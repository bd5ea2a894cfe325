import { anyCharacters } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SentenceSegmenter } from './segmenter.ts'

/** Segments a text that is streamed in `bits`. */
function segmentsOf(bits: readonly string[]) {
  const segmenter = new SentenceSegmenter()
  const segments = bits.flatMap(bit => segmenter.feed(bit))
  return { segments, rest: segmenter.end() }
}

const bit = fc.oneof(
  anyCharacters({ maxLength: 40 }),
  fc.constantFrom('. ', '! ', '\n', '…" ', '。', ' a', 'word ', '\ud83d', '\ude00', 'x'.repeat(350), 'so it is'),
)

test('for any chunks, the joined segments are the text, and each is short', () => {
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 30 }), bits => {
      const { segments, rest } = segmentsOf(bits)
      const text = bits.join('')
      const kept = [...segments, rest].join('')
      expect(text.startsWith(kept)).toBe(true)
      expect(text.slice(kept.length)).toMatch(/^[\s\ud800-\udbff]*$/)
      let end = 0
      for (const segment of segments) {
        expect(segment.trim()).not.toBe('')
        expect(segment.trimStart().length).toBeLessThanOrEqual(600)
        end += segment.length
        // A cut never splits a surrogate pair; a lone half may end a segment.
        expect(text.slice(end - 1, end + 1)).not.toMatch(/[\ud800-\udbff][\udc00-\udfff]/)
      }
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['Dr. Who is in. He waits.', ['Dr. Who is in.'], ' He waits.'],
  ['She said "So it is." Then she left. ', ['She said "So it is."', ' Then she left.'], ''],
  ['one line of it\n\n- another line', ['one line of it'], '\n\n- another line'],
  ['それは面白いですねと思いました。では次に進みます', ['それは面白いですねと思いました。'], 'では次に進みます'],
  ['The number 3.14 is not the end', [], 'The number 3.14 is not the end'],
])('%j is cut at the ends of its sentences', (text, segments, rest) => {
  expect(segmentsOf([...text])).toEqual({ segments, rest })
})
