import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testSources } from './security/test-sources.ts'

const root = join(import.meta.dirname, '..')
const docs = readFileSync(join(root, 'docs/security.md'), 'utf8')
const [promises = ''] = docs.split('## Bounds')

/** Promises, one per list item. Each ends with the titles of its tests, after dots. */
const items = promises
  .split(/^- /m)
  .slice(1)
  .map(item => item.split(/^#/m)[0]!.replace(/\s+/g, ' '))
const testsOf = (item: string): readonly string[] =>
  [...item.matchAll(/ · `(.+?)`(?= ·|\s*$)/g)].map(([, title]) => title!)

test('every guarantee in docs/security.md names a test', () => {
  expect(items.length).toBeGreaterThan(20)
  expect(items.filter(item => testsOf(item).length === 0)).toEqual([])
})

test('every test that docs/security.md names exists', () => {
  const titles = items.flatMap(testsOf)
  expect(titles.filter(title => !testSources.some(text => text.includes(`'${title}'`)))).toEqual([])
})

test('every title in docs/security.md is recognised', () => {
  expect(items.flatMap(testsOf).length).toBe([...promises.matchAll(/· `/g)].length)
})
