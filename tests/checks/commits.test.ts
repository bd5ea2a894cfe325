import { expect, test } from 'vitest'
// @ts-expect-error A script without types.
import { fault, faults, rangeToCheck } from '../../scripts/check/commits.mjs'
// @ts-expect-error A script without types.
import { verbs } from '../../scripts/check/verbs.mjs'

test.each([
  'core: Batch writes of one event-loop turn',
  'store-lmdb: write one row per flushed batch',
  'core/hub, tests: Rename the session classes',
  `docs: Add ${'x'.repeat(62)}`,
  "Merge branch 'main' into checks",
])('"%s" is a subject', subject => {
  expect(fault(subject)).toBeUndefined()
})

test.each([
  ['what came in one turn is written together', /has another form: write "area: Imperative/],
  ['core:Batch writes', /has another form/],
  ['Core: Batch writes', /has another form/],
  ['core: ', /has another form/],
  ['core: the writes are batched', /begins with "the".*add yours to scripts\/check\/verbs\.mjs/],
  ['core: Batched writes', /begins with "Batched"/],
  [`docs: Add ${'x'.repeat(63)}`, /has 73 characters: use at most 72/],
])('"%s" is refused', (subject, why) => {
  expect(fault(subject)).toMatch(why)
})

test('each refused commit of a log is named', () => {
  expect(faults('a1b2 core: Add a row\nc3d4 core: no rows\n')).toEqual([
    expect.stringMatching(/^Commit c3d4 "core: no rows" begins with "no"/),
  ])
})

test('verbs are listed once, in order and in lower case', () => {
  expect(verbs).toEqual([...new Set<string>(verbs)].sort())
  expect(verbs.filter((verb: string) => !/^[a-z-]+$/.test(verb))).toEqual([])
})

test('a full history is checked from the base, a shallow one as far as it reaches', () => {
  expect(rangeToCheck({ head: true, base: true, shallow: false })).toMatch(/^[0-9a-f]{40}\.\.HEAD$/)
  expect(rangeToCheck({ head: true, base: true, shallow: true })).toMatch(/^[0-9a-f]{40}\.\.HEAD$/)
  expect(rangeToCheck({ head: true, base: false, shallow: true })).toBe('HEAD')
  expect(rangeToCheck({ head: false, base: false, shallow: false })).toBeUndefined()
})

test('a full history without the base is an error that says what to do', () => {
  expect(rangeToCheck({ head: true, base: false, shallow: false })).toMatchObject({
    message: expect.stringContaining('name the last unchecked one in scripts/check/commits.mjs'),
  })
})
