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
