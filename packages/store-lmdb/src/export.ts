import { resolve } from 'node:path'
import type { Fact, RoomRecord, SessionRecord, Snapshot } from '@midsentence/core'
import type { Environment } from './environment.ts'
import { readJournal } from './journal.ts'
import { allOf, nameIn } from './keys.ts'
import type { Place } from './place.ts'
import { reading } from './reading.ts'
import { type RoomHead, roomHeads } from './room-head.ts'
import { readRecords } from './room-reader.ts'
import { type About, aboutOf } from './schema.ts'
import { readSessions } from './session-log.ts'
import { snapshotsOf } from './snapshots.ts'

/** The form of an export. */
export const EXPORT_VERSION = 1

/** One line of an export, as JSON. */
export type ExportLine =
  | { readonly midsentence: 'export'; readonly version: number; readonly log: string }
  /** A room begins; where retention took something, with its first record that was kept. */
  | { readonly room: string; readonly first: RoomHead['first'] }
  | { readonly record: RoomRecord }
  /** The room before is over. */
  | { readonly room: string; readonly head: Place; readonly snapshots: readonly Snapshot[] }
  | { readonly session: SessionRecord }
  | { readonly journal: string; readonly facts: readonly Fact[] }
  /** So many lines were before this one, which is the last. */
  | { readonly end: number }

/** What one call of `write` is given at most, in lines. */
const TOGETHER = 500

/**
 * Gives the store in `directory` to `write`, as it is in one moment: lines of JSON, several at a time, each with its end.
 * A server may go on writing meanwhile. Rejects where something is damaged; the export then has no last line.
 */
export async function exportStore(directory: string, write: (text: string) => Promise<void> | void): Promise<number> {
  const path = resolve(directory)
  return reading(path, async environment => {
    let count = 0
    let text: string[] = []
    for (const line of linesOf(environment, path)) {
      text.push(`${JSON.stringify(line)}\n`)
      count++
      if (text.length < TOGETHER) continue
      await write(text.join(''))
      text = []
    }
    await write(`${text.join('')}${JSON.stringify({ end: count } satisfies ExportLine)}\n`)
    return count + 1
  })
}

function* linesOf(environment: Environment, path: string): Generator<ExportLine> {
  const parts = { environment }
  const { id } = aboutOf(environment, path) as About
  yield { midsentence: 'export', version: EXPORT_VERSION, log: id }
  for (const [room, { first, position, seq, sub }] of roomHeads(parts)) {
    yield { room, first }
    for (const record of readRecords(parts, room, undefined)) yield { record }
    const snapshots = snapshotsOf(parts, room).map(({ position, state }) => ({ position, state }))
    yield { room, head: { position, seq, sub }, snapshots: snapshots.reverse() }
  }
  for (const { record } of readSessions(parts)) yield { session: record }
  const { from, to } = allOf('journalHead')
  for (const name of environment.range(from, to).map(({ key }) => nameIn(key))) {
    yield { journal: name, facts: readJournal(parts, name) }
  }
}
