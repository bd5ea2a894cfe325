import { MidsentenceError } from '../errors.ts'
import type { Position, RoomLog, RoomRecord, Snapshot } from '../ports/room-log.ts'
import type { Message } from '../room/message.ts'
import { needsSnapshot, type Retention, roomLevel } from './retention.ts'

export interface MemoryLogOptions {
  /** Default: a random one. */
  readonly id?: string
  /** What the rooms keep. `bytes` is 256 MB by default. */
  readonly retention?: Retention
  /** Returns the wall-clock time in milliseconds since 1970. Default: `Date.now`. */
  now?(): number
}

/** Bytes of the messages of all rooms by default. */
export const MEMORY_BYTES = 256e6

/** Bytes of a record besides its content. */
const RECORD_BYTES = 300

/** After a removal that was not enough, the log grows by this share of the maximum before the next. */
const RETRY_SHARE = 1 / 16

interface StoredRoom {
  /** The kept records; the first is number `dropped + 1`. */
  records: RoomRecord[]
  messages: Message[]
  dropped: number
  /** The number of all records as text, created once a write. */
  position: Position
  bytes: number
  /** Bytes of the records after the newest snapshot. */
  fresh: number
  snapshot: Snapshot | undefined
}

/**
 * Creates a room log in memory; its content is lost with the process. Reads and writes take effect before their call
 * returns. As it grows, it drops the oldest messages that `retention` does not keep and a snapshot covers.
 */
export function memoryLog({
  id = crypto.randomUUID(),
  retention: given,
  now = Date.now,
}: MemoryLogOptions = {}): RoomLog {
  const retention = { bytes: MEMORY_BYTES, ...given }
  const rooms = new Map<string, StoredRoom>()
  const empty = (): StoredRoom => ({
    records: [],
    messages: [],
    dropped: 0,
    position: '0',
    bytes: 0,
    fresh: 0,
    snapshot: undefined,
  })
  let total = 0
  let removeAbove = retention.bytes
  let closed = false

  const room = (name: string): StoredRoom => {
    if (closed) throw new MidsentenceError('unavailable', 'The room log is closed.')
    return rooms.get(name) ?? empty()
  }
  const retain = (target: StoredRoom, level: number): void => {
    const { bytes } = target
    removeOldest(target, retention, now(), level)
    total -= bytes - target.bytes
  }
  const retainAll = (): void => {
    const sizes = [...rooms.values()].map(({ bytes }) => bytes)
    const level = roomLevel(sizes, retention.bytes)
    for (const target of rooms.values()) if (target.bytes > level) retain(target, level)
    removeAbove = total > retention.bytes ? total + retention.bytes * RETRY_SHARE : retention.bytes
  }

  return {
    id,
    durability: 'memory',
    head: async name => room(name).position,
    append: async (name, records, expected) => {
      const target = room(name)
      if (target.position !== expected) {
        throw new MidsentenceError('unavailable', `Another writer appended to ${name}: expected ${expected}.`)
      }
      if (records.length === 0) return expected
      rooms.set(name, target)
      for (const record of records) {
        target.records.push(record)
        if (record.type === 'message') target.messages.push(record.message)
        const bytes = bytesOf(record)
        target.bytes += bytes
        target.fresh += bytes
        total += bytes
      }
      target.position = String(target.dropped + target.records.length)
      if (total > removeAbove) retainAll()
      return target.position
    },
    messages: async (name, after, limit) => {
      const { messages } = room(name)
      // Seqs have no gaps.
      const first = Math.max(after + 1 - (messages[0]?.seq ?? 1), 0)
      return messages.slice(first, first + limit)
    },
    async *records(name, after) {
      const { records, dropped } = room(name)
      const from = after === undefined ? 0 : Number(after) - dropped
      if (from < 0) throw new MidsentenceError('unavailable', `The log of ${name} no longer has the next record.`)
      yield* records.slice(from)
    },
    snapshots: {
      load: async name => room(name).snapshot,
      save: async (name, snapshot) => {
        const target = room(name)
        rooms.set(name, target)
        target.snapshot = snapshot
        target.fresh = 0
        retain(target, Number.POSITIVE_INFINITY)
        if (total > retention.bytes) retainAll()
      },
      due: name => needsSnapshot(retention, { fresh: room(name).fresh, snapshot: 0, total }),
    },
    close: async () => {
      closed = true
    },
  }
}

/** Removes the oldest records of a room that its snapshot covers and `retention` does not keep, or above `level` bytes. */
function removeOldest(room: StoredRoom, { messages, age_ms }: Retention, now: number, level: number): void {
  const covered = Number(room.snapshot?.position ?? 0) - room.dropped
  let [removed, bytes, left] = [0, room.bytes, room.messages.length]
  let [at, atBytes] = [0, bytes]
  for (const record of room.records) {
    if (record.type === 'message') {
      ;[removed, bytes] = [at, atBytes]
      const isTooOld = age_ms !== undefined && Date.parse(record.message.timestamp) < now - age_ms
      const isTooMany = messages !== undefined && left > messages
      if (left === 1 || at >= covered || !(isTooOld || isTooMany || bytes > level)) break
      left--
    }
    at++
    atBytes -= bytesOf(record)
  }
  if (left === room.messages.length) return
  room.messages.splice(0, room.messages.length - left)
  room.records.splice(0, removed)
  room.dropped += removed
  room.bytes = bytes
}

const bytesOf = (record: RoomRecord): number =>
  RECORD_BYTES + (record.type === 'message' ? 2 * record.message.content.length : 0)
