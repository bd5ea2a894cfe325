import { damaged } from './damage.ts'
import { allOf, nameIn, roomHeadKey, roomRecordKey } from './keys.ts'
import type { Parts } from './parts.ts'
import { beginning, type Place } from './place.ts'

/** Where a room begins and ends: kept with each append, so that nothing can be missing in between, or at the end. */
export interface RoomHead extends Place {
  /** The room's number in the keys of its records. */
  readonly number: number
  /** The first record that is kept; where retention took something, that is a message, `seq` its number. */
  readonly first: { readonly position: number; readonly seq: number }
}

/** The head of a room that nobody wrote to. */
export const emptyHead = (number: number): RoomHead => ({ ...beginning, number, first: { position: 1, seq: 1 } })

export const headOf = ({ environment }: Pick<Parts, 'environment'>, room: string): RoomHead | undefined =>
  environment.get(roomHeadKey(room)) as RoomHead | undefined

/** Every room that was written to, by its name. */
export function roomHeads({ environment }: Pick<Parts, 'environment'>): Map<string, RoomHead> {
  const { from, to } = allOf('roomHead')
  return new Map(environment.range(from, to).map(({ key, value }) => [nameIn(key), value() as RoomHead]))
}

/** The key of the first record that is kept, or one below it. */
export const firstKey = ({ number, first }: RoomHead): Buffer => roomRecordKey(number, first.seq > 1 ? first.seq : 0, 0)

/** The key behind the record at a place. */
export const keyBehind = (number: number, { seq, sub }: Place): Buffer => roomRecordKey(number, seq, sub + 1)

/** What a room is said to lack. */
export const hole = (room: string, what: string) => damaged(`of the room ${room} ${what}`)
