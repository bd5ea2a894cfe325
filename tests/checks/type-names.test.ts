import { expect, test } from 'vitest'
// @ts-expect-error A script without types.
import { doubles } from '../../scripts/check/type-names.mjs'

const files = (texts: Record<string, string>) => Object.entries(texts).map(([path, text]) => ({ path, text }))

test('a type name that two files define is found, of each kind, with its places', () => {
  const found = doubles(
    files({
      'a.ts':
        'export interface Page {}\nexport type Row = 1\nexport abstract class Store {}\nexport const enum Kind {}',
      'b.ts': 'export type Page = 1\nexport declare class Store {}\nexport enum Kind {}\nexport interface Other {}',
      'c.ts': 'export class Page {}',
    }),
  )
  expect(found).toEqual([
    ['Kind', ['a.ts', 'b.ts']],
    ['Page', ['a.ts', 'b.ts', 'c.ts']],
    ['Store', ['a.ts', 'b.ts']],
  ])
})

test('a local type that has the name of an exported one is found', () => {
  expect(doubles(files({ 'a.ts': 'export interface Page {}', 'b.ts': 'interface Page {}' }))).toEqual([
    ['Page', ['a.ts', 'b.ts']],
  ])
})

test('re-exports, two declarations in one file, and local types alone are no duplicates', () => {
  const found = doubles(
    files({
      'a.ts': "export type Page = 1\nexport type Page = 1\ninterface Local {}\nexport type { Row } from './c.ts'",
      'b.ts': "export { type Page, type Row } from './a.ts'\ninterface Local {}\nexport * from './c.ts'",
    }),
  )
  expect(found).toEqual([])
})
