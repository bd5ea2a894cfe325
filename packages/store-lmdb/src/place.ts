import type { Position } from '@midsentence/core'

/** Where a record stands: the `position`th of its room, behind message `seq` the `sub`th that is none, or that message. */
export interface Place {
  readonly position: number
  readonly seq: number
  readonly sub: number
}

/** Where a room stands before its first record. */
export const beginning: Place = { position: 0, seq: 0, sub: 0 }

export const positionOf = ({ position, seq, sub }: Place): Position => `${position}-${seq}-${sub}`

/** Undefined where it is no position of ours. */
export function placeOf(position: Position): Place | undefined {
  const parts = /^(\d{1,15})-(\d{1,14})-(\d{1,9})$/.exec(position)?.slice(1).map(Number)
  return parts && { position: parts[0]!, seq: parts[1]!, sub: parts[2]! }
}
