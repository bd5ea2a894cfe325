import { expect, test } from 'vitest'
import { circlesIn, graphOf, layerOf, specifiersIn, upwardIn } from './imports.ts'

test('imports, re-exports, types and dynamic imports are found, and text that only looks like one is not', () => {
  const source = [
    "import { a } from './a.ts'",
    "import type { B } from '../b.ts'",
    "export * from './c.ts'",
    'export {',
    '  d,',
    "} from './d.ts'",
    "const e = await import('./e.ts')",
    'const f = "not from \'./f.ts\'"',
  ].join('\n')
  expect(specifiersIn(source)).toEqual(['./a.ts', '../b.ts', './c.ts', './d.ts', './e.ts'])
})

test('a graph holds relative imports, resolved', () => {
  expect([...graphOf(new Map([['hub/room.ts', ['../draft/cut.ts', './name.ts', 'rxjs']]]))]).toEqual([
    ['hub/room.ts', ['draft/cut.ts', 'hub/name.ts']],
  ])
})

test('a circle of any length is found once', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['a', 'd']],
    ['d', []],
    ['e', ['f', 'd']],
    ['f', ['e']],
    ['g', ['g']],
  ])
  expect(circlesIn(graph)).toEqual([['a', 'b', 'c'], ['e', 'f'], ['g']])
})

test('files that import one another in one direction make no circle', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', ['c']],
    ['c', []],
  ])
  expect(circlesIn(graph)).toEqual([])
})

test('a file belongs to the deepest layer that holds it', () => {
  const layers = ['hub/api.ts', 'hub/room', 'hub']
  expect(['hub/api.ts', 'hub/room/log.ts', 'hub/hub.ts', 'wire/text.ts'].map(file => layerOf(file, layers))).toEqual([
    'hub/api.ts',
    'hub/room',
    'hub',
    undefined,
  ])
})

test('an upward import and a file in no layer are found', () => {
  const graph = new Map([
    ['draft/cut.ts', ['ports/log.ts', 'draft/text.ts']],
    ['ports/log.ts', ['draft/cut.ts', 'hub/room/log.ts']],
    ['hub/room/log.ts', ['hub/hub.ts', 'ports/log.ts']],
    ['hub/hub.ts', ['hub/room/log.ts']],
    ['new/thing.ts', []],
  ])
  expect(upwardIn(graph, ['draft', 'ports', 'hub/room', 'hub'])).toEqual([
    'draft/cut.ts -> ports/log.ts',
    'ports/log.ts -> hub/room/log.ts',
    'hub/room/log.ts -> hub/hub.ts',
    'new/thing.ts lies in no layer',
  ])
})
