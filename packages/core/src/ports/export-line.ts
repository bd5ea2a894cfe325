import { MidsentenceError } from '../errors.ts'
import type { Fact } from '../participant/facts.ts'
import type { ScoreRecord } from '../score/records.ts'
import type { RoomRecord, Snapshot } from './room-log.ts'
import type { SessionRecord } from './session-log.ts'

/** Version of the export format. */
export const EXPORT_VERSION = 1

/** One line of an export, as JSON. */
export type ExportLine =
  | { readonly midsentence: 'export'; readonly version: number; readonly log: string }
  /** A room begins, with its first record that is kept. `position` counts all records from 1. */
  | { readonly room: string; readonly first: { readonly position: number; readonly seq: number } }
  | { readonly record: RoomRecord }
  /** The room ends. Positions of snapshots are `position-seq-sub`, as in `head`. */
  | { readonly room: string; readonly head: ExportedHead; readonly snapshots: readonly Snapshot[] }
  /** A session's record, with its room. */
  | { readonly session: SessionRecord; readonly in: string }
  | { readonly journal: string; readonly facts: readonly Fact[] }
  /** A record of the score of a room. */
  | { readonly score: ScoreRecord; readonly in: string }
  /** The last line: the number of lines before it. */
  | { readonly end: number }

/** The last record of an exported room: its number, the last message up to it, and how many records follow that message. */
export interface ExportedHead {
  readonly position: number
  readonly seq: number
  readonly sub: number
}

/** Reads a line of an export. Throws if it is no JSON object. */
export function parseExportLine(text: string): ExportLine {
  try {
    const line: unknown = JSON.parse(text)
    if (typeof line === 'object' && line !== null && !Array.isArray(line)) return line as ExportLine
  } catch {
    // Reported below.
  }
  throw invalidExport('it is not a JSON object')
}

/** Returns the id of the exported logs from the first line. Throws if it is none, or of a newer version. */
export function logIdOf(line: ExportLine): string {
  if (!('midsentence' in line) || line.midsentence !== 'export')
    throw invalidExport('it is not the first line of an export')
  if (line.version !== EXPORT_VERSION)
    throw invalidExport(`it was written by a newer midsentence (version ${line.version})`)
  return line.log
}

/** The error of an invalid export. `what` follows the number of the line. */
export const invalidExport = (what: string): MidsentenceError => new MidsentenceError('internal', `${what}.`)
