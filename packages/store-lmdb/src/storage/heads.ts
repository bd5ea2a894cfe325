import { setImmediate as nextTurn } from 'node:timers/promises'
import { damaged } from './errors.ts'
import { describeKey, type EntryKind, keysOf, nameIn } from './keys.ts'
import type { ReadContext } from './store-context.ts'

/** Heads read in one turn of the event loop. */
const PAGE = 500

type HeadKind = Extract<EntryKind, 'roomHead' | 'sessionHead' | 'journalHead' | 'scoreHead'>

/** Yields all heads of one kind, by name, as they are on disk. A writer may move them meanwhile. */
export async function* readHeadPages<Head>(
  { environment }: ReadContext,
  kind: HeadKind,
): AsyncGenerator<ReadonlyMap<string, Head>> {
  const { from, to } = keysOf(kind)
  for (let start = from; ; ) {
    const entries = environment.range(start, to, PAGE)
    yield new Map(entries.map(({ key, value }) => [nameIn(key), value() as Head]))
    if (entries.length < PAGE) return
    start = Buffer.concat([entries.at(-1)!.key, Buffer.of(0)])
    await nextTurn()
  }
}

/**
 * Returns all heads of one kind, by name. Throws `internal` if one is damaged or a search by its key misses it: a damaged
 * key nearby can hide an intact head from a search, and its log would then seem to be empty.
 */
export function readHeads<Head>({ environment }: ReadContext, kind: HeadKind): Map<string, Head> {
  const { from, to } = keysOf(kind)
  const heads = new Map<string, Head>()
  for (const { key, value } of environment.range(from, to)) {
    const head = value() as Head
    if (environment.get(key) === undefined) throw damaged(`${describeKey(key)} is not found by its key`)
    heads.set(nameIn(key), head)
  }
  return heads
}
