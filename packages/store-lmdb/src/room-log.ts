import { MidsentenceError, type Position, type RoomLog, type RoomRecord } from '@midsentence/core'
import { closedError } from './damage.ts'
import { type Change, put } from './environment.ts'
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

/** The rooms of a store. `expected` is held against what was called before, not against what is on the disk by now. */
export function roomLog(parts: RoomLogParts): { readonly log: RoomLog; readonly begin: BeginRoom } {
  const { id, writer, counts, retention, now } = parts
  /** Where each room stands once all that was called is written. */
  const heads = new Map<string, RoomHead>()
  let closed = false

  const check = () => {
    if (closed) throw closedError('room log')
  }
  const headFor = (room: string): RoomHead => {
    const head = heads.get(room) ?? headOf(parts, room) ?? emptyHead(-1)
    heads.set(room, head)
    return head
  }
  /** A room gets its number with its first record. */
  const numbered = (room: string): { readonly head: RoomHead; readonly changes: readonly Change[] } => {
    const head = headFor(room)
    if (head.number >= 0) return { head, changes: [] }
    if (Buffer.byteLength(room) > NAME_BYTES)
      throw new MidsentenceError(
        'room-unavailable',
        `A room’s name has at most ${NAME_BYTES} bytes: choose a shorter one.`,
      )
    return { head: { ...head, number: counts.rooms++ }, changes: [put(countsKey, counts)] }
  }

  const append = async (room: string, records: readonly RoomRecord[], expected: Position): Promise<Position> => {
    check()
    writer.check()
    if (positionOf(headFor(room)) !== expected) {
      throw new MidsentenceError('unavailable', `Somebody else wrote to ${room}: expected ${expected}.`)
    }
    if (records.length === 0) {
      // What it stands behind has to be written all the same.
      await writer.write([])
      return expected
    }
    const { head: before, changes: made } = numbered(room)
    let head = before
    const changes = [...made]
    for (const record of records) {
      head = headBehind(room, head, record)
      const key = roomRecordKey(head.number, head.seq, head.sub)
      changes.push(put(key, [head.position, record]))
    }
    changes.push(put(roomHeadKey(room), head))
    heads.set(room, head)
    await writer.write(changes)
    return positionOf(head)
  }

  const retain = async (room: string): Promise<void> => {
    if (retention.messages === undefined && retention.age_ms === undefined) return
    for (let cut = cutOf(parts, room, headFor(room), retention, now()); !closed; ) {
      if (headFor(room).first.seq >= cut) return
      const { head, changes } = takeBefore(parts, room, headFor(room), cut)
      heads.set(room, head)
      await writer.write(changes)
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
        const { number } = headFor(room)
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

  const begin: BeginRoom = (room, first, before) => void heads.set(room, { ...headFor(room), ...before, first })

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
