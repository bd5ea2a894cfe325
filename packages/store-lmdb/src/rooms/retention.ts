import type { Message, Retention } from '@midsentence/core'
import { removal, type StoreChange } from '../storage/change.ts'
import { roomRowKey, seqAndSubIn } from '../storage/keys.ts'
import type { ReadContext } from '../storage/store-context.ts'
import { type RoomHead, roomDamage } from './room-head.ts'
import { findRecord, storedBytes } from './room-rows.ts'

/** Messages removed in one commit, and rows read at a time. */
const [BATCH, ROWS] = [250, 64]

/**
 * Returns the seq of the first message that `retention` keeps, if the rows of the room may take `level` bytes. The newest
 * message always stays.
 */
export function firstKeptSeq(
  context: ReadContext,
  room: string,
  head: RoomHead,
  { messages, age_ms }: Retention,
  now: number,
  level: number,
): number {
  const byCount = messages === undefined ? 0 : head.seq - messages + 1
  const byAge = age_ms === undefined ? 0 : firstSince(context, room, head, now - age_ms)
  return Math.min(Math.max(byCount, byAge, firstWithin(context, head, level)), head.seq)
}

/** Finds the first message from which on the rows take at most `level` bytes. */
function firstWithin({ environment }: ReadContext, head: RoomHead, level: number): number {
  let above = head.bytes - level
  let from = roomRowKey(head.number, 0, 0)
  const end = roomRowKey(head.number, head.seq, head.sub + 1)
  while (above > 0) {
    const rows = environment.range(from, end, ROWS)
    for (const { key, length } of rows) {
      if (above <= 0) return firstMessageAt(key)
      above -= storedBytes(length)
    }
    if (rows.length < ROWS) return head.seq
    from = Buffer.concat([rows.at(-1)!.key, Buffer.of(0)])
  }
  return 0
}

/** The seq of the first message in a row, or after it. */
function firstMessageAt(key: Buffer): number {
  const { seq, sub } = seqAndSubIn(key)
  return sub === 0 ? seq : seq + 1
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
 * wholly before it, with their bytes.
 */
export function planRemoval(
  context: ReadContext,
  room: string,
  head: RoomHead,
  seq: number,
): { readonly first: RoomHead['first']; readonly removals: StoreChange[]; readonly bytes: number } {
  const target = Math.min(seq, head.first.seq + BATCH)
  const { position, rowKey } = findMessage(context, room, head, target)
  const rows = context.environment.range(roomRowKey(head.number, 0, 0), rowKey)
  const bytes = rows.reduce((sum, { length }) => sum + storedBytes(length), 0)
  return { first: { position, seq: target }, removals: rows.map(({ key }) => removal(key)), bytes }
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
