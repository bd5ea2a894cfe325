import { damaged } from './errors.ts'
import { describeKey, type EntryKind, keysOf, nameIn } from './keys.ts'
import type { ReadContext } from './store-context.ts'

/**
 * Returns all heads of one kind, by name. Throws `internal` if one is damaged or a search by its key misses it: a damaged
 * key nearby can hide an intact head from a search, and its log would then seem to be empty.
 */
export function readHeads<Head>(
  { environment }: ReadContext,
  kind: Extract<EntryKind, 'roomHead' | 'sessionHead' | 'journalHead'>,
): Map<string, Head> {
  const { from, to } = keysOf(kind)
  const heads = new Map<string, Head>()
  for (const { key, value } of environment.range(from, to)) {
    const head = value() as Head
    if (environment.get(key) === undefined) throw damaged(`${describeKey(key)} is not found by its key`)
    heads.set(nameIn(key), head)
  }
  return heads
}
