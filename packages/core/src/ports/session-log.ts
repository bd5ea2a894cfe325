import type { LogDurability } from '../room/message.ts'
import type { SessionFact } from '../session/facts.ts'
import type { Position } from './room-log.ts'

/** One change of one session, complete in itself. */
export interface SessionRecord {
  readonly session_id: string
  readonly fact: SessionFact
}

/**
 * The ordered log of each room's sessions: drafts, cursors, remembered answers. Messages are not in it: a push is one
 * record in the room log. A hub reads a room's sessions when it opens the room, then appends in order; a second writer is
 * fenced off by `expected`. A log may drop all records of a session that is `closed`, and of any other session those
 * before its newest `snapshot`; positions stay what they were. Failures reject the call with a `MidsentenceError`.
 */
export interface SessionLog {
  readonly durability: LogDurability
  /** Names of the rooms with at least one open session, in no particular order. */
  rooms(): AsyncIterable<string>
  /** Position of the last record of `room`'s sessions; for a room without any, the position to expect for its first append. */
  head(room: string): Promise<Position>
  /** Every kept record of `room`'s sessions, oldest first. */
  read(room: string): AsyncIterable<SessionRecord>
  /**
   * Appends all records or none after `expected`; fails with `unavailable` and changes nothing if `expected` is not the
   * head. Calls for one room take effect in call order, also when the one before is not awaited. Resolves with the new head
   * once the records are as durable as `durability` says.
   */
  append(room: string, records: readonly SessionRecord[], expected: Position): Promise<Position>
  /**
   * Tells that the hub let `room` go: all its appends have ended, and it asks `head` before the next one. A log then drops
   * everything about a room without open sessions; the room's positions may start again. The hub opens the room again only once
   * this resolves. Absent: nothing is dropped.
   */
  release?(room: string): Promise<void>
  /** Idempotent. Calls after it fail with `unavailable`. */
  close(): Promise<void>
}
