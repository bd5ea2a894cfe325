import type { LogDurability, Message, Seq } from '../room/message.ts'

/** A position in a log. Opaque: compare it for equality and pass it back, nothing else. */
export type Position = string

/** One change of a room, complete in itself. The emptied draft, the remembered key and the cursor follow from it. */
export type RoomRecord =
  | {
      readonly type: 'message'
      readonly message: Message
      /** The session that pushed, the number of its push, and the idempotency key: they make a retry one effect. */
      readonly session: string
      readonly push: number
      readonly key: string
      /** Set when a notification sent the message, which moves no cursor. */
      readonly silent?: true
      /**
       * The answer gave the messages of others between this seq and the message, and moved the cursor to the message.
       * Absent if there were none, and if the session log records what was given.
       */
      readonly read?: Seq
    }
  | { readonly type: 'floor.granted'; readonly session: string; readonly name: string }
  | { readonly type: 'floor.ended'; readonly session: string; readonly name: string }

/** The state of a room after all records up to `position`, so that a start need not read them again. */
export interface Snapshot {
  readonly position: Position
  /** JSON, in a form that the hub chooses. On an unknown form the hub reads all records. */
  readonly state: unknown
}

/** Stores one snapshot a room. Snapshots only save time: all may be lost at any moment. */
export interface SnapshotStore {
  /** Returns the newest intact snapshot whose position exists in this log; undefined if there is none. */
  load(room: string): Promise<Snapshot | undefined>
  /** Replaces the snapshot of `room`. Its records are acknowledged. A failure has no effect on the room. */
  save(room: string, snapshot: Snapshot): Promise<void>
  /**
   * Tells whether the hub should save `room` now, before its interval ends, because retention waits for a snapshot. Called
   * after each append, so it must be cheap. Absent: only the interval counts.
   */
  due?(room: string): boolean
}

/**
 * The ordered log of every room. One hub writes a room at a time; `expected` rejects a second writer.
 *
 * **`append`** writes all records or none, directly after `expected`. If the last record is another one, it rejects with
 * `unavailable` and changes nothing. Calls for one room take effect in call order, also when the caller does not await
 * them. When it resolves, the records are as durable as `durability` says; no reader sees them earlier. If the outcome
 * is not known, it rejects with `data.unknown`; `head` and `records` then tell it.
 *
 * **Reading.** Records read equal the records written. Damage is an `internal` error, never a gap.
 *
 * **Retention.** A log may drop its oldest records, except the newest message of a room and records that no snapshot
 * covers. `messages` and `records` then start later; positions and seqs stay the same. With `snapshots.due` it asks for a
 * snapshot as it grows.
 *
 * Every method that returns a promise rejects with a `MidsentenceError`.
 */
export interface RoomLog {
  /** A random id, created with the log. Sessions of another log are unknown. */
  readonly id: string
  /** What an acknowledged record survives. */
  readonly durability: LogDurability
  /** Returns the position of the last record of `room`. For an empty room: the position to expect for the first. */
  head(room: string): Promise<Position>
  /** Appends records after `expected` and returns the new last position. */
  append(room: string, records: readonly RoomRecord[], expected: Position): Promise<Position>
  /** Returns up to `limit` messages of `room` with a `seq` above `after`, in order. */
  messages(room: string, after: number, limit: number): Promise<readonly Message[]>
  /** Iterates the records of `room` after `after`, oldest first. Default: all. A room that opens replays them. */
  records(room: string, after?: Position): AsyncIterable<RoomRecord>
  /** Absent: a room that opens reads all its records. */
  readonly snapshots?: SnapshotStore
  /** Idempotent. Later calls fail with `unavailable`. */
  close(): Promise<void>
}
