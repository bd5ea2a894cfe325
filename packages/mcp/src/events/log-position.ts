import type { Seq } from '@midsentence/core'

/** A position in the log of a room, after the message with this seq. In another log its seq means nothing. */
export interface LogPosition {
  /** Id of the server's log, as `join` and `resume` give it. */
  readonly log: string
  readonly seq: Seq
}

/** Formats a position as the cursor of an event, such as `12.9f1c…`. */
export const formatCursor = ({ log, seq }: LogPosition): string => `${seq}.${log}`

/** Parses a cursor. Returns undefined for anything else. */
export function parseCursor(cursor: unknown): LogPosition | undefined {
  const found = typeof cursor === 'string' && cursor.length <= 300 ? /^(\d{1,15})\.(.*)$/s.exec(cursor) : null
  return found ? { seq: Number(found[1]), log: found[2]! } : undefined
}
