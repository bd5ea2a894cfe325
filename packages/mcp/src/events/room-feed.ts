import type { LogPosition } from './log-position.ts'
import type { RecentMessages } from './recent-messages.ts'

/** A room as events see it. */
export interface RoomReading {
  readonly room: string
  /** Name of the participant, whose own messages are no events. */
  readonly name: string
  /** Up to where its model has read: where a new subscription begins. */
  readonly cursor: LogPosition
  readonly recent: RecentMessages
  /** Says that this reader is done. Idempotent. */
  release(): void
}

/** Reads a room without moving what its model has read. */
export interface RoomFeed {
  /**
   * Opens the room, with the messages after `after` where they are still kept; with all of them if it is a position of
   * another log. Default: after the model's cursor.
   */
  read(after?: LogPosition): Promise<RoomReading>
}
