import { type Message, MidsentenceError, type RoomRecord } from '@midsentence/core'
import { placeIn, roomRecordKey } from './keys.ts'
import type { Parts } from './parts.ts'
import type { Place } from './place.ts'
import { firstKey, headOf, hole, keyBehind, type RoomHead } from './room-head.ts'

/** A record as it is kept: with its position, which is one more than that of the record before. */
export type Kept = readonly [position: number, record: RoomRecord]

/** So many records are read at once. */
const READ = 500

/** Up to `limit` messages of `room` above `after`. Throws where one is missing or not what was written. */
export function readMessages(parts: Pick<Parts, 'environment'>, room: string, after: number, limit: number): Message[] {
  const head = headOf(parts, room)
  const from = Math.max(Math.floor(after) + 1, head?.first.seq ?? 1)
  const wanted = head ? Math.min(limit, head.seq - from + 1) : 0
  if (!head || !(wanted > 0)) return []
  const messages: Message[] = []
  const bounds = [roomRecordKey(head.number, from, 0), roomRecordKey(head.number, from + wanted, 0)] as const
  for (const { key, value } of parts.environment.range(...bounds)) {
    const { seq, sub } = placeIn(key)
    if (sub > 0) continue
    const message = messageOf(value() as Kept)
    if (message?.seq !== seq || seq !== from + messages.length)
      throw hole(room, `message ${from + messages.length} is missing`)
    messages.push(message)
  }
  if (messages.length < wanted) throw hole(room, `message ${from + messages.length} is missing`)
  return messages
}

const messageOf = ([, record]: Kept): Message | undefined => (record.type === 'message' ? record.message : undefined)

/** The records of `room` behind `after`, or all there are, up to where it stands now. Throws where one is missing. */
export function* readRecords(
  parts: Pick<Parts, 'environment'>,
  room: string,
  after: Place | undefined,
): Generator<RoomRecord> {
  const head = headOf(parts, room)
  if (!head) return
  const start = startOf(head, room, after)
  let { next, from } = start
  const end = keyBehind(head.number, head)
  while (next <= head.position) {
    const found = parts.environment.range(from, end, READ)
    if (found.length === 0) throw missing(parts, room, next)
    for (const { value } of found) {
      const [position, record] = value() as Kept
      if (position !== next) throw missing(parts, room, next)
      next++
      yield record
    }
    const { seq, sub } = placeIn(found.at(-1)!.key)
    from = roomRecordKey(head.number, seq, sub + 1)
  }
}

/** Where reading begins. */
function startOf(head: RoomHead, room: string, after: Place | undefined): { next: number; from: Buffer } {
  const { first, number } = head
  if (!after || after.position === first.position - 1) return { next: first.position, from: firstKey(head) }
  if (after.position < first.position) throw gone(room)
  return { next: after.position + 1, from: keyBehind(number, after) }
}

/** Retention may have taken what was to be read next; else it is lost. */
function missing(parts: Pick<Parts, 'environment'>, room: string, position: number): MidsentenceError {
  const now = headOf(parts, room)
  return now && position < now.first.position ? gone(room) : hole(room, `record ${position} is missing`)
}

const gone = (room: string): MidsentenceError =>
  new MidsentenceError('unavailable', `The log of ${room} has let go of what was to be read: begin later.`)
