import { resolve } from 'node:path'
import type { Fact, RoomRecord, SessionRecord, Snapshot } from '@midsentence/core'
import { type JournalHead, readJournal } from '../journal.ts'
import type { RoomHead } from '../rooms/room-head.ts'
import type { RoomPosition } from '../rooms/room-position.ts'
import { readRows } from '../rooms/room-rows.ts'
import { readSnapshots } from '../rooms/snapshots.ts'
import { readSessionRows, type SessionHead } from '../session-log.ts'
import type { Environment } from '../storage/environment.ts'
import { readHeads } from '../storage/heads.ts'
import { readIdentity, type StoreIdentity } from '../storage/identity.ts'
import { withReadOnly } from './read-only.ts'

/** Version of the export format. */
export const EXPORT_VERSION = 1

/** One line of an export, as JSON. */
export type ExportLine =
  | { readonly midsentence: 'export'; readonly version: number; readonly log: string }
  /** A room begins, with its first record that is kept. */
  | { readonly room: string; readonly first: RoomHead['first'] }
  | { readonly record: RoomRecord }
  /** The room ends. */
  | { readonly room: string; readonly head: RoomPosition; readonly snapshots: readonly Snapshot[] }
  /** A session's record, with its room. */
  | { readonly session: SessionRecord; readonly in: string }
  | { readonly journal: string; readonly facts: readonly Fact[] }
  /** The last line: the number of lines before it. */
  | { readonly end: number }

/** Maximum number of lines in one call of `write`. */
const BATCH = 500

/**
 * Exports the store in `directory`, as of one moment, to `write`: lines of JSON with their line ends, several per call.
 * A server may write meanwhile. Resolves with the number of lines. Rejects if something is damaged; the export then lacks
 * its last line.
 */
export async function exportStore(directory: string, write: (text: string) => Promise<void> | void): Promise<number> {
  const path = resolve(directory)
  return withReadOnly(path, async environment => {
    let count = 0
    let text: string[] = []
    for (const line of exportLines(environment, path)) {
      text.push(`${JSON.stringify(line)}\n`)
      count++
      if (text.length < BATCH) continue
      await write(text.join(''))
      text = []
    }
    await write(`${text.join('')}${JSON.stringify({ end: count } satisfies ExportLine)}\n`)
    return count + 1
  })
}

function* exportLines(environment: Environment, path: string): Generator<ExportLine> {
  const context = { environment }
  const { id } = readIdentity(environment, path) as StoreIdentity
  yield { midsentence: 'export', version: EXPORT_VERSION, log: id }
  for (const [room, { first, position, seq, sub }] of readHeads<RoomHead>(context, 'roomHead')) {
    yield { room, first }
    for (const row of readRows(context, room, undefined)) for (const record of row) yield { record }
    const snapshots = readSnapshots(context, room).map(({ position, state }) => ({ position, state }))
    yield { room, head: { position, seq, sub }, snapshots: snapshots.reverse() }
  }
  for (const room of readHeads<SessionHead>(context, 'sessionHead').keys()) {
    for (const { records } of readSessionRows(context, room)) for (const session of records) yield { session, in: room }
  }
  for (const name of readHeads<JournalHead>(context, 'journalHead').keys()) {
    yield { journal: name, facts: readJournal(context, name) }
  }
}
