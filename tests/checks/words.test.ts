import { expect, test } from 'vitest'
// @ts-expect-error A script without types.
import { counts, lowered, risen } from '../../scripts/check/words.mjs'

const count = (text: string, word: string, path = 'a.ts') => counts([{ path, text }], [word])[word]

test('a word is counted in prose, identifiers, plurals and file names, and not inside other words', () => {
  expect(count('A cat, cats; Cat, blackCat, CatFlap, cat_flap, cat-flap.', 'cat')).toBe(7)
  expect(count('category, concat, Cathedral, CAT, catch', 'cat')).toBe(0)
  expect(count('', 'cat', 'src/cat.ts')).toBe(1)
})

test('a phrase is counted with a space, a hyphen, as an identifier and over two lines', () => {
  expect(count('black cat, Black Cats, black-cat, blackCat, BlackCat', 'black cat')).toBe(5)
  expect(count('black\ncat; // a black\n  // cat; /** A black\n   * cat */', 'black cat')).toBe(3)
  expect(count('black cathedral, blackcat, black, cat', 'black cat')).toBe(0)
})

test('words are counted over all files', () => {
  const files = [
    { path: 'a.md', text: 'cat dog' },
    { path: 'b.md', text: 'cat' },
  ]
  expect(counts(files, ['cat', 'dog', 'cow'])).toEqual({ cat: 2, dog: 1, cow: 0 })
})

test('a number that rose is reported, and the baseline is only ever lowered', () => {
  const baseline = { cat: 2, dog: 2, cow: 2 }
  const found = { cat: 3, dog: 2, cow: 0 }
  expect(risen(baseline, found)).toEqual(['"cat" is found 3 times, and was 2: write it in plainer words.'])
  expect(lowered(baseline, found)).toEqual({ cat: 2, dog: 2, cow: 0 })
})
