import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** Specifiers by file: what each file imports, as written. */
export type Imports = ReadonlyMap<string, readonly string[]>

/** Files by file: what each file imports of the same folder tree. */
export type Graph = ReadonlyMap<string, readonly string[]>

/** Lists what a source imports and re-exports, in order. Type-only and dynamic imports count. */
export const specifiersIn = (source: string): readonly string[] =>
  [...source.matchAll(/^(?:import|export) [^'"]*?from '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    ([, named, dynamic]) => (named ?? dynamic)!,
  )

/** Reads the imports of every source below `folder`, by path relative to it. Tests are left out. */
export function importsOf(folder: string): Imports {
  if (!existsSync(folder)) return new Map()
  return new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(file => /\.tsx?$/.test(file) && !file.includes('.test.'))
      .sort()
      .map(file => [file, specifiersIn(readFileSync(join(folder, file), 'utf8'))]),
  )
}

/** Resolves relative specifiers; everything else is left out. */
export const graphOf = (imports: Imports): Graph =>
  new Map(
    [...imports].map(([file, specifiers]) => [
      file,
      specifiers.filter(to => to.startsWith('.')).map(to => posix.join(posix.dirname(file), to)),
    ]),
  )

/** Lists the groups of files that import each other, directly or by way of others. A file that imports itself is one. */
export function circlesIn(graph: Graph): readonly (readonly string[])[] {
  const reached = new Map([...graph.keys()].map(file => [file, reachableFrom(file, graph)]))
  const inCircle = [...graph.keys()].filter(file => reached.get(file)!.has(file))
  const groups = inCircle.map(file => inCircle.filter(to => reached.get(file)!.has(to) && reached.get(to)!.has(file)))
  return groups.filter((group, at) => group[0] === inCircle[at])
}

function reachableFrom(file: string, graph: Graph): ReadonlySet<string> {
  const reached = new Set<string>()
  const next = [...(graph.get(file) ?? [])]
  for (let to = next.pop(); to !== undefined; to = next.pop()) {
    if (reached.has(to)) continue
    reached.add(to)
    next.push(...(graph.get(to) ?? []))
  }
  return reached
}

/** Finds the deepest of `layers`, which are folders and files, that holds `file`. */
export function layerOf(file: string, layers: readonly string[]): string | undefined {
  const parts = file.split('/')
  return parts.map((_, at) => parts.slice(0, parts.length - at).join('/')).find(path => layers.includes(path))
}

/** Lists the imports of a later layer by an earlier one, as `from -> to`, and the files that lie in no layer. */
export function upwardIn(graph: Graph, layers: readonly string[]): readonly string[] {
  const rank = (file: string) => layers.indexOf(layerOf(file, layers) ?? '')
  return [...graph].flatMap(([file, imported]) =>
    rank(file) < 0
      ? [`${file} lies in no layer`]
      : imported.filter(to => rank(to) > rank(file)).map(to => `${file} -> ${to}`),
  )
}
