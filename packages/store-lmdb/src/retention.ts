import { type Change, removal } from './environment.ts'
import { roomRecordKey } from './keys.ts'
import type { Parts } from './parts.ts'
import { placeOf } from './place.ts'
import { hole, type RoomHead } from './room-head.ts'
import type { Kept } from './room-reader.ts'
import { snapshotsOf } from './snapshots.ts'

/** What a room keeps at least. What is older goes when the hub leaves a snapshot of the room, as far as two of them cover it. */
export interface Retention {
  /** So many of its newest messages. */
  readonly messages?: number
  /** Messages younger than so many milliseconds. */
  readonly age_ms?: number
}

/** So many messages are let go of at once. */
const TAKEN = 1000

/** The first message of a room that is kept from now on, by what is asked for and what may go. */
export function cutOf(
  parts: Pick<Parts, 'environment'>,
  room: string,
  head: RoomHead,
  asked: Retention,
  now: number,
): number {
  const { messages, age_ms } = asked
  const byCount = messages === undefined ? 0 : head.seq - messages + 1
  const byAge = age_ms === undefined ? 0 : youngerThan(parts, room, head, now - age_ms)
  const [, older] = snapshotsOf(parts, room)
  // The newest message stays, and whatever the older of two snapshots does not stand for.
  return Math.min(Math.max(byCount, byAge), head.seq, older ? placeOf(older.position)!.seq : 0)
}

/** The first message said at `time` or later: their times never go back. */
function youngerThan(parts: Pick<Parts, 'environment'>, room: string, head: RoomHead, time: number): number {
  let [from, to] = [head.first.seq, head.seq + 1]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (Date.parse(messageAt(parts, room, head, middle).timestamp) < time) from = middle + 1
    else to = middle
  }
  return from
}

/** Lets go of some of what stands before message `cut`: what is the first then, and the changes. */
export function takeBefore(
  { environment }: Pick<Parts, 'environment'>,
  room: string,
  head: RoomHead,
  cut: number,
): { readonly first: RoomHead['first']; readonly taken: readonly Change[] } {
  const seq = Math.min(cut, head.first.seq + TAKEN)
  const { position } = placed({ environment }, room, head, seq)
  const taken = environment.range(roomRecordKey(head.number, 0, 0), roomRecordKey(head.number, seq, 0))
  return { first: { position, seq }, taken: taken.map(({ key }) => removal(key)) }
}

function placed({ environment }: Pick<Parts, 'environment'>, room: string, head: RoomHead, seq: number) {
  const kept = environment.get(roomRecordKey(head.number, seq, 0)) as Kept | undefined
  if (kept?.[1].type !== 'message') throw hole(room, `message ${seq} is missing`)
  return { position: kept[0], message: kept[1].message }
}

const messageAt = (parts: Pick<Parts, 'environment'>, room: string, head: RoomHead, seq: number) =>
  placed(parts, room, head, seq).message
