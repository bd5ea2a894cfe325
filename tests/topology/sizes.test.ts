import { expect, test } from 'vitest'
import { crowdedFolders, longFiles } from './sizes.ts'

const files = (...paths: string[]) => paths.map(path => ({ path, lines: 10 }))

test('a folder with more files than the limit is found; tests do not count', () => {
  const found = crowdedFolders(files('a/1.ts', 'a/2.ts', 'a/3.ts', 'b/1.ts', 'b/2.ts', 'b/2.test.ts', 'a/b/1.ts'), 2)
  expect(found).toEqual(['a: 3'])
})

test('a folder with its own limit may not exceed it', () => {
  const three = files('a/1.ts', 'a/2.ts', 'a/3.ts')
  expect(crowdedFolders(three, 2, { a: 3 })).toEqual([])
  expect(crowdedFolders([...three, ...files('a/4.ts')], 2, { a: 3 })).toEqual(['a: 4'])
})

test('a file with more lines than the limit is found', () => {
  const two = [
    { path: 'a.ts', lines: 400 },
    { path: 'b.ts', lines: 401 },
  ]
  expect(longFiles(two, 400)).toEqual(['b.ts: 401'])
})
