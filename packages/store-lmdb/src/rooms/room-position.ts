import type { Position } from '@midsentence/core'

/**
 * The place of a record in its room. `position` counts all records from 1. `seq` is the last message up to here, `sub`
 * counts the records after that message: 0 is the message itself.
 */
export interface RoomPosition {
  readonly position: number
  readonly seq: number
  readonly sub: number
}

/** The position before a room's first record. */
export const startOfRoom: RoomPosition = { position: 0, seq: 0, sub: 0 }

export const formatPosition = ({ position, seq, sub }: RoomPosition): Position => `${position}-${seq}-${sub}`

/** Returns undefined for text that `formatPosition` did not make. */
export function parsePosition(text: Position): RoomPosition | undefined {
  const parts = /^(\d{1,15})-(\d{1,14})-(\d{1,9})$/.exec(text)?.slice(1).map(Number)
  return parts && { position: parts[0]!, seq: parts[1]!, sub: parts[2]! }
}
