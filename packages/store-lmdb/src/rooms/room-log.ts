import { MidsentenceError, type Position, type Retention, type RoomLog, type RoomRecord } from '@midsentence/core'
import { put } from '../storage/change.ts'
import { closedError } from '../storage/errors.ts'
import { checkName, countsKey, snapshotKey } from '../storage/keys.ts'
import type { StoreContext } from '../storage/store-context.ts'
import { Retainer } from './retainer.ts'
import { type RoomHead, readHead, roomDamage } from './room-head.ts'
import { RoomHeads } from './room-heads.ts'
import { formatPosition, parsePosition, type RoomPosition, startOfRoom } from './room-position.ts'
import { readMessages, readRows, rowsFor, storedBytes } from './room-rows.ts'
import { readSnapshots, snapshotSlot } from './snapshots.ts'

export interface RoomLogContext extends StoreContext {
  readonly id: string
  readonly retention: Retention
  /** Bytes of the rows of all rooms. */
  readonly total: number
  now(): number
}

/** Starts an empty room after `before`, as an import of a room does whose oldest records were removed. */
export type StartRoomAt = (room: string, first: RoomHead['first'], before: RoomPosition) => void

/** Opens the rooms of a store. Fences `expected` against earlier calls, which may not be on disk yet. */
export function roomLog(context: RoomLogContext): { readonly log: RoomLog; readonly startRoomAt: StartRoomAt } {
  const { id, writer, counts } = context
  const heads = new RoomHeads(context)
  const retainer = new Retainer(context, heads, context)
  let closed = false

  const check = () => {
    if (closed) throw closedError('room log')
  }

  const append = async (room: string, records: readonly RoomRecord[], expected: Position): Promise<Position> => {
    check()
    writer.check()
    const before = heads.get(room)
    if (formatPosition(before) !== expected) {
      throw new MidsentenceError('unavailable', `Another writer appended to ${room}: expected ${expected}.`)
    }
    if (records.length === 0) {
      // Resolves only once the records up to `expected` are on disk.
      await writer.write([])
      return expected
    }
    const isNew = before.number < 0
    if (isNew) checkName(room)
    const { head, rows } = rowsFor(room, isNew ? { ...before, number: counts.rooms } : before, records)
    // Nothing can fail from here on, so state may change.
    if (isNew) {
      counts.rooms++
      rows.push(put(countsKey, counts))
    }
    await heads.move(room, head, rows)
    retainer.grew(head.bytes - before.bytes)
    return formatPosition(head)
  }

  /** Refuses to read from the start if neither the removed records nor a snapshot of them exist. */
  const checkStart = (room: string): undefined => {
    const head = readHead(context, room)
    if (head && head.first.position > 1 && readSnapshots(context, room).length === 0)
      throw roomDamage(room, 'every snapshot that covers removed records is damaged')
  }

  const log: RoomLog = {
    id,
    durability: 'flushed',
    head: async room => {
      check()
      return formatPosition(readHead(context, room) ?? startOfRoom)
    },
    append,
    messages: async (room, after, limit) => {
      check()
      return readMessages(context, room, after, limit)
    },
    async *records(room, after) {
      check()
      for (const row of readRows(context, room, after === undefined ? checkStart(room) : parsed(room, after))) {
        for (const record of row) {
          check()
          yield record
        }
      }
    },
    snapshots: {
      load: async room => {
        check()
        const [newest] = readSnapshots(context, room)
        return newest && { position: newest.position, state: newest.state }
      },
      save: async (room, { position, state }) => {
        check()
        const generation = (readSnapshots(context, room)[0]?.generation ?? 0) + 1
        const head = heads.get(room)
        if (head.number < 0) return
        const change = put(snapshotKey(head.number, snapshotSlot(generation)), { generation, position, state })
        await heads.move(room, { ...head, fresh: 0, snapshot: storedBytes(change.text!.length) }, [change])
        await retainer.saved(room)
      },
      due: room => retainer.due(room),
    },
    close: async () => {
      closed = true
      await retainer.close()
      await writer.settled()
    },
  }

  const startRoomAt: StartRoomAt = (room, first, before) => {
    heads.start(room, { ...heads.get(room), ...before, first })
  }

  return { log, startRoomAt }
}

function parsed(room: string, text: Position): RoomPosition {
  const position = parsePosition(text)
  if (position) return position
  throw new MidsentenceError(
    'internal',
    `${text} is not a position in the log of ${room}: use one that the log returned.`,
  )
}
