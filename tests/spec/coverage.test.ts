import { expect, test } from 'vitest'
import { citedIn, coverageOf, suitesOf, withCoverage } from './coverage.ts'

const draftRules = [{ id: 'D1' }, { id: 'D2' }, { id: 'D1' }]
const hubRules = [{ id: 'D2' }]
const suites = suitesOf({ draftRules, hubRules, testHub: () => {}, rules: [{ id: 'Z1' }], DraftRules: 'a type' })

test('citedIn finds ids in titles and in calls of rule only', () => {
  const source = "test('[A1] [A2, A3] a title', () => {\n  rule('A4')\n  const a = row['A5']\n  other[A6]\n})"
  expect(citedIn(source)).toEqual(['A1', 'A2', 'A3', 'A4'])
})

test('each exported array of rules is a suite with the name of its runner', () => {
  expect(suites.map(({ name, ids }) => [name, ids])).toEqual([
    ['draftRules', ['D1', 'D2']],
    ['testHub', ['D2']],
  ])
})

test('a rule counts in the first tier in which its suite runs or a test cites it', () => {
  const coverage = coverageOf(suites, [
    { path: 'a.long.test.ts', text: "for (const { id } of draftRules) test('[E1] a title', run)" },
    { path: 'b.int.test.ts', text: "testHub('a hub', setup)\ntest('[E1] again')" },
    { path: 'c.long.test.ts', text: "testHub('another hub', setup)" },
  ])
  expect(Object.fromEntries([...coverage].map(([id, by]) => [id, Object.fromEntries(by)]))).toEqual({
    D1: { draftRules: 'long' },
    D2: { draftRules: 'long', testHub: 'test' },
    E1: { 'single tests': 'test' },
  })
})

test('a suite that no file runs does not count', () => {
  expect(coverageOf(suites, [{ path: 'a.test.ts', text: 'import { draftRules, testHub } from "kit"' }]).size).toBe(0)
})

const begin = '<!-- coverage: begin -->'
const end = '<!-- coverage: end -->'

test('withCoverage replaces only the text between the markers', () => {
  const coverage = new Map([['D1', new Map([['testHub', 'test'] as const, ['draftRules', 'long'] as const])]])
  const table = [
    '| rule | `npm test` | only `npm run test:long` |',
    '| --- | --- | --- |',
    '| D1 | testHub | draftRules |',
    '| D2 |  |  |',
  ].join('\n')
  const document = `before\n${begin}\nold\n${end}\nafter\n`
  const updated = `before\n${begin}\n${table}\n${end}\nafter\n`
  expect(withCoverage(document, ['D1', 'D2'], coverage)).toBe(updated)
  expect(withCoverage(updated, ['D1', 'D2'], coverage)).toBe(updated)
})

test.each([`${begin}\nno end`, `no begin\n${end}`, `${end}\n${begin}`])(
  'withCoverage refuses a document without both markers in order',
  text => {
    expect(() => withCoverage(text, [], new Map())).toThrow('SPEC.md has no lines')
  },
)
