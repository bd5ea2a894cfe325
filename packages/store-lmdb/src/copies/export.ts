import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { EXPORT_VERSION, type ExportLine } from '@midsentence/core/hub'
import { dataFileIn } from '../directory/data-file.ts'
import { SCORE_DIRECTORY } from '../directory/permissions.ts'
import { type JournalHead, readJournal } from '../journal.ts'
import type { RoomHead } from '../rooms/room-head.ts'
import { readRows } from '../rooms/room-rows.ts'
import { readSnapshots } from '../rooms/snapshots.ts'
import { recordsIn, type ScoreHead, scoreRows } from '../score/score-rows.ts'
import { readSessionRows, type SessionHead } from '../session-log.ts'
import type { Environment } from '../storage/environment.ts'
import { readHeads } from '../storage/heads.ts'
import { readIdentity, type StoreIdentity } from '../storage/identity.ts'
import { withReadOnly } from './read-only.ts'

/** Maximum number of lines in one call of `write`. */
const BATCH = 500

/**
 * Exports the store in `directory`, as of one moment, to `write`: lines of JSON with their line ends, several per call.
 * A server may write meanwhile. Resolves with the number of lines. Rejects if something is damaged; the export then lacks
 * its last line.
 */
export async function exportStore(directory: string, write: (text: string) => Promise<void> | void): Promise<number> {
  const path = resolve(directory)
  let count = 0
  let text: string[] = []
  const writeAll = async (lines: Iterable<ExportLine>) => {
    for (const line of lines) {
      text.push(`${JSON.stringify(line)}\n`)
      count++
      if (text.length < BATCH) continue
      await write(text.join(''))
      text = []
    }
  }
  await withReadOnly(path, environment => writeAll(exportLines(environment, path)))
  const scores = join(path, SCORE_DIRECTORY)
  if (existsSync(dataFileIn(scores))) await withReadOnly(scores, environment => writeAll(scoreLines(environment)))
  await write(`${text.join('')}${JSON.stringify({ end: count } satisfies ExportLine)}\n`)
  return count + 1
}

function* scoreLines(environment: Environment): Generator<ExportLine> {
  const context = { environment }
  for (const [room, head] of readHeads<ScoreHead>(context, 'scoreHead')) {
    for (const row of scoreRows(context, head)) for (const score of recordsIn(row)) yield { score, in: room }
  }
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
