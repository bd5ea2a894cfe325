import type { Message } from '@midsentence/core'
import { removal, type StoreChange } from '../storage/change.ts'
import { roomRowKey } from '../storage/keys.ts'
import type { ReadContext } from '../storage/store-context.ts'
import { type RoomHead, roomDamage } from './room-head.ts'
import { parsePosition } from './room-position.ts'
import { findRecord } from './room-rows.ts'
import { readSnapshots } from './snapshots.ts'

/**
 * What a room keeps at least. Older messages are removed when the hub saves a snapshot of the room, as far as two
 * snapshots cover them.
 */
export interface Retention {
  /** Number of newest messages to keep. */
  readonly messages?: number
  /** Keep messages younger than this, in milliseconds. */
  readonly age_ms?: number
}

/** Messages removed in one commit. */
const BATCH = 1000

/** Returns the seq of the first message to keep. */
export function firstKeptSeq(
  context: ReadContext,
  room: string,
  head: RoomHead,
  { messages, age_ms }: Retention,
  now: number,
): number {
  const byCount = messages === undefined ? 0 : head.seq - messages + 1
  const byAge = age_ms === undefined ? 0 : firstSince(context, room, head, now - age_ms)
  const [, older] = readSnapshots(context, room)
  // The newest message always stays, and so does everything that the older of two snapshots does not cover.
  return Math.min(Math.max(byCount, byAge), head.seq, older ? parsePosition(older.position)!.seq : 0)
}

/** Finds the first message sent at `time` or later by binary search: timestamps of a room never decrease. */
function firstSince(context: ReadContext, room: string, head: RoomHead, time: number): number {
  let [from, to] = [head.first.seq, head.seq + 1]
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (Date.parse(findMessage(context, room, head, middle).message.timestamp) < time) from = middle + 1
    else to = middle
  }
  return from
}

/**
 * Plans one commit on the way to `seq` as the first message kept: the new first record, and the removal of rows that lie
 * wholly before it.
 */
export function planRemoval(
  context: ReadContext,
  room: string,
  head: RoomHead,
  seq: number,
): { readonly first: RoomHead['first']; readonly removals: readonly StoreChange[] } {
  const target = Math.min(seq, head.first.seq + BATCH)
  const { position, rowKey } = findMessage(context, room, head, target)
  const rows = context.environment.range(roomRowKey(head.number, 0, 0), rowKey)
  return { first: { position, seq: target }, removals: rows.map(({ key }) => removal(key)) }
}

interface FoundMessage {
  readonly position: number
  readonly message: Message
  readonly rowKey: Buffer
}

function findMessage(context: ReadContext, room: string, head: RoomHead, seq: number): FoundMessage {
  const found = findRecord(context, head, { seq, sub: 0 })
  if (found?.record.type !== 'message') throw roomDamage(room, `message ${seq} is missing`)
  return { position: found.position, message: found.record.message, rowKey: found.rowKey }
}
