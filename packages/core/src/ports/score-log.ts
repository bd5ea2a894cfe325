import type { LogDurability } from '../room/message.ts'
import type { ScoreRecord } from '../score/records.ts'

/** Where a score ends. */
export interface ScoreEnd {
  /** The highest position that was ever used, also of records that were dropped. 0 for a room without any. */
  readonly position: number
  /** The newest record, if it is kept. */
  readonly record?: ScoreRecord
}

/**
 * The scores of recorded rooms: what observers saw, in order. Separate from the room log, so that no message waits for it.
 * One hub writes a room at a time; a second one is not fenced off.
 *
 * **`append`** writes all records of a group or none, after those that are there. Their positions are above all earlier ones.
 * Groups of one room take effect in call order, also when the caller does not await them. When it resolves, readers see
 * the group and it is as durable as `durability` says. Records never have `message`.
 *
 * **Retention.** Beside `trim`, a log with a maximum size drops the oldest records of the largest scores. What is left of
 * a room begins with a `state`, or is nothing.
 *
 * Every method that returns a promise rejects with a `MidsentenceError`.
 */
export interface ScoreLog {
  /** What an acknowledged record survives. */
  readonly durability: LogDurability
  /** Returns where the score of `room` ends. */
  end(room: string): Promise<ScoreEnd>
  /** Appends a group of records of `room`. */
  append(room: string, group: readonly ScoreRecord[]): Promise<void>
  /** Returns up to `limit` records of `room` with a position above `after`, in order. */
  read(room: string, after: number, limit: number): Promise<readonly ScoreRecord[]>
  /** The names of all rooms that have records, in no particular order. */
  rooms(): AsyncIterable<string>
  /**
   * Drops the oldest groups: as many as are older than `before`, in milliseconds since 1970, and are followed by one that
   * begins with a `state`, or by nothing. Positions stay.
   */
  trim(room: string, before: number): Promise<void>
  /** Drops all records of `room`. Resolves with whether there were some. */
  erase(room: string): Promise<boolean>
  /** Idempotent. Later calls fail with `unavailable`. */
  close(): Promise<void>
}
