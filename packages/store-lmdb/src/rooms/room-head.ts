import { damaged } from '../storage/errors.ts'
import { roomHeadKey } from '../storage/keys.ts'
import type { ReadContext } from '../storage/store-context.ts'
import { type RoomPosition, startOfRoom } from './room-position.ts'

/** The position of a room's last record, written with each append, so that a missing row is noticed. */
export interface RoomHead extends RoomPosition {
  /** The room's number in the keys of its rows. -1 before the first append. */
  readonly number: number
  /**
   * The first record that is kept. After retention it is a message, and `seq` is its number. It may lie inside a row,
   * whose earlier records are then ignored.
   */
  readonly first: { readonly position: number; readonly seq: number }
  /** Bytes of the rows that are kept, and of those that were written after the newest snapshot. */
  readonly bytes: number
  readonly fresh: number
  /** Bytes of the newest snapshot. */
  readonly snapshot: number
}

/** The head of a room without records. */
export const newHead: RoomHead = {
  ...startOfRoom,
  number: -1,
  first: { position: 1, seq: 1 },
  bytes: 0,
  fresh: 0,
  snapshot: 0,
}

export const readHead = ({ environment }: ReadContext, room: string): RoomHead | undefined =>
  environment.get(roomHeadKey(room)) as RoomHead | undefined

/** Creates the error for damage in one room. */
export const roomDamage = (room: string, what: string) => damaged(`in the room ${room} ${what}`)
