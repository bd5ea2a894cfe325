import type { Message, Seq } from '../room/message.ts'

/** Where a record stands in a log. Opaque: compare for equality, hand it back, read nothing into it. */
export type Position = string

/** One change of a room, complete in itself: emptied draft, remembered key and cursor are derived from it. */
export type RoomRecord =
  | {
      readonly type: 'message'
      readonly message: Message
      /** The session that pushed, the number of its push, and the key it came under: what makes a retry one effect. */
      readonly session: string
      readonly push: number
      readonly key: string
      /** A notification sent it: it moved no cursor. */
      readonly silent?: true
      /**
       * Its answer gave what others said behind this seq and before the message, which moved the cursor to the message.
       * Absent where it crossed nothing and gave nothing, and where the session's own log says what was given.
       */
      readonly read?: Seq
    }
  | { readonly type: 'floor.granted'; readonly session: string; readonly name: string }
  | { readonly type: 'floor.ended'; readonly session: string; readonly name: string }

/** What a judge made of all records up to `position`, so that it need not read them again. */
export interface Snapshot {
  readonly position: Position
  /** JSON. The judge's own business: it must be ready to find a form that it does not know, and then read everything. */
  readonly state: unknown
}

/** Where a judge leaves its snapshots, one a room. Never the truth: all of them may be lost at any time. */
export interface SnapshotStore {
  /** The newest that is whole and belongs to this log as it is, position and all; undefined where there is none. */
  load(room: string): Promise<Snapshot | undefined>
  /** Puts one in place of the one before. What it stands for was acknowledged. Failing is no harm. */
  save(room: string, snapshot: Snapshot): Promise<void>
}

/**
 * The ordered log of every room. Called by the one judge of a room, which appends in its order; a second judge is
 * fenced off by `expected`.
 *
 * `append` writes all records or none, behind `expected` and nowhere else, else fails with `unavailable` and changes
 * nothing. Calls for one room take effect in the order they were made, also when nobody awaits the one before. When
 * it resolves the records are as durable as `durability` says, not before; readers see them no earlier. Where an
 * append's end is not known it fails with `data.unknown`, and the truth is what `read` says next.
 * Records read equal those written; damage is an `internal` error, never a hole. Failure goes to the promise.
 * A log may let go of its oldest records (retention), never of a room’s newest message, nor of what no snapshot
 * covers: then `messages` and `records` begin later than at the first, and positions and seqs stay what they were.
 */
export interface RoomLog {
  /** Random, made with the log: sessions live and die with it. */
  readonly id: string
  readonly durability: 'memory' | 'flushed'
  /** The position of the last record of `room`; of a room without any, the position to expect for its first. */
  head(room: string): Promise<Position>
  append(room: string, records: readonly RoomRecord[], expected: Position): Promise<Position>
  /** Up to `limit` messages of `room` with a `seq` above `after`, in order. */
  messages(room: string, after: number, limit: number): Promise<readonly Message[]>
  /** The records of `room` behind `after`, by default all, oldest first: what a judge replays when it starts. */
  records(room: string, after?: Position): AsyncIterable<RoomRecord>
  /** Absent: a judge that starts replays everything. */
  readonly snapshots?: SnapshotStore
  /** Idempotent. Calls after it fail with `unavailable`. */
  close(): Promise<void>
}
