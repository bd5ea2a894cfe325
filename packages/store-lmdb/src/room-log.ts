import { MidsentenceError, type Position, type RoomLog, type RoomRecord } from '@midsentence/core'
import { closedError } from './damage.ts'
import { type Change, type Latest, put } from './environment.ts'
import { countsKey, NAME_BYTES, roomHeadKey, roomRecordKey, snapshotKey } from './keys.ts'
import type { Parts } from './parts.ts'
import { beginning, type Place, placeOf, positionOf } from './place.ts'
import { cutOf, type Retention, takeBefore } from './retention.ts'
import { emptyHead, headOf, hole, type RoomHead } from './room-head.ts'
import { readMessages, readRecords } from './room-reader.ts'
import { snapshotsOf } from './snapshots.ts'

export interface RoomLogParts extends Parts {
  readonly id: string
  readonly retention: Retention
  now(): number
}

/** Begins a room at its first kept record, as an import does where retention had taken what was before. */
export type BeginRoom = (room: string, first: RoomHead['first'], before: Place) => void

/** A room's head as it is to be written. */
interface Standing extends Latest {
  head: RoomHead
}

/** The rooms of a store. `expected` is held against what was called before, not against what is on the disk by now. */
export function roomLog(parts: RoomLogParts): { readonly log: RoomLog; readonly begin: BeginRoom } {
  const { id, writer, counts, retention, now } = parts
  /** Where each room stands once all that was called is written. */
  const heads = new Map<string, Standing>()
  let closed = false

  const check = () => {
    if (closed) throw closedError('room log')
  }
  const standingOf = (room: string): Standing => {
    const known = heads.get(room)
    if (known) return known
    const standing: Standing = {
      head: headOf(parts, room) ?? emptyHead(-1),
      key: roomHeadKey(room),
      latest: () => standing.head,
    }
    heads.set(room, standing)
    return standing
  }
  /** A room gets its number with its first record. */
  const numbered = (room: string, head: RoomHead): RoomHead => {
    if (head.number >= 0) return head
    if (Buffer.byteLength(room) <= NAME_BYTES) return { ...head, number: counts.rooms }
    const what = `A room’s name has at most ${NAME_BYTES} bytes: choose a shorter one.`
    throw new MidsentenceError('room-unavailable', what)
  }

  const append = async (room: string, records: readonly RoomRecord[], expected: Position): Promise<Position> => {
    check()
    writer.check()
    const standing = standingOf(room)
    if (positionOf(standing.head) !== expected) {
      throw new MidsentenceError('unavailable', `Somebody else wrote to ${room}: expected ${expected}.`)
    }
    if (records.length === 0) {
      // What it stands behind has to be written all the same.
      await writer.write([])
      return expected
    }
    let head = numbered(room, standing.head)
    const changes: (Change | Latest)[] = []
    for (const record of records) {
      head = headBehind(room, head, record)
      const key = roomRecordKey(head.number, head.seq, head.sub)
      changes.push(put(key, [head.position, record]))
    }
    // Nothing can be wrong any more: now it counts.
    if (standing.head.number < 0) {
      counts.rooms++
      changes.push(put(countsKey, counts))
    }
    changes.push(standing)
    standing.head = head
    await writer.write(changes)
    return positionOf(head)
  }

  const retain = async (room: string): Promise<void> => {
    if (retention.messages === undefined && retention.age_ms === undefined) return
    const standing = standingOf(room)
    for (let cut = cutOf(parts, room, standing.head, retention, now()); !closed; ) {
      if (standing.head.first.seq >= cut) return
      const { first, taken } = takeBefore(parts, room, standing.head, cut)
      standing.head = { ...standing.head, first }
      await writer.write([...taken, standing])
    }
  }

  const log: RoomLog = {
    id,
    durability: 'flushed',
    head: async room => {
      check()
      return positionOf(headOf(parts, room) ?? beginning)
    },
    append,
    messages: async (room, after, limit) => {
      check()
      return readMessages(parts, room, after, limit)
    },
    async *records(room, after) {
      check()
      for (const record of readRecords(parts, room, after === undefined ? covered(room) : known(room, after))) {
        check()
        yield record
      }
    },
    snapshots: {
      load: async room => {
        check()
        const [newest] = snapshotsOf(parts, room)
        return newest && { position: newest.position, state: newest.state }
      },
      save: async (room, { position, state }) => {
        check()
        const { number } = standingOf(room).head
        if (number < 0) return
        const nth = (snapshotsOf(parts, room)[0]?.nth ?? 0) + 1
        await writer.write([put(snapshotKey(number, nth % 2 === 0 ? 0 : 1), { nth, position, state })])
        await retain(room)
      },
    },
    close: async () => {
      closed = true
      await writer.settled()
    },
  }

  /** All there is may only be read where a snapshot stands for what is not there any more. */
  const covered = (room: string): undefined => {
    const head = headOf(parts, room)
    if (head && head.first.position > 1 && snapshotsOf(parts, room).length === 0)
      throw hole(room, 'every snapshot is damaged that stands for what retention took')
  }

  const begin: BeginRoom = (room, first, before) => {
    const standing = standingOf(room)
    standing.head = { ...standing.head, ...before, first }
  }

  return { log, begin }
}

function known(room: string, position: Position): Place {
  const place = placeOf(position)
  if (place) return place
  throw new MidsentenceError('internal', `${position} is no position in the log of ${room}: take one that it gave.`)
}

function headBehind(room: string, { position, seq, sub, number, first }: RoomHead, record: RoomRecord): RoomHead {
  if (record.type !== 'message') return { position: position + 1, seq, sub: sub + 1, number, first }
  if (record.message.seq === seq + 1) return { position: position + 1, seq: seq + 1, sub: 0, number, first }
  const what = `Behind message ${seq} of ${room} comes ${seq + 1}, not ${record.message.seq}: nothing was written.`
  throw new MidsentenceError('internal', what)
}
