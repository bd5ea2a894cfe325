import { MidsentenceError, type Position, type RoomLog, type RoomRecord } from '@midsentence/core'
import { put, type StoreChange } from '../storage/change.ts'
import { closedError } from '../storage/errors.ts'
import { checkName, countsKey, roomHeadKey, snapshotKey } from '../storage/keys.ts'
import type { StoreContext } from '../storage/store-context.ts'
import { firstKeptSeq, planRemoval, type Retention } from './retention.ts'
import { newHead, type RoomHead, readHead, roomDamage } from './room-head.ts'
import { formatPosition, parsePosition, type RoomPosition, startOfRoom } from './room-position.ts'
import { readMessages, readRows, rowsFor } from './room-rows.ts'
import { readSnapshots, snapshotSlot } from './snapshots.ts'

export interface RoomLogContext extends StoreContext {
  readonly id: string
  readonly retention: Retention
  now(): number
}

/** Starts an empty room after `before`, as an import of a room does whose oldest records were removed. */
export type StartRoomAt = (room: string, first: RoomHead['first'], before: RoomPosition) => void

/** Opens the rooms of a store. Fences `expected` against earlier calls, which may not be on disk yet. */
export function roomLog(context: RoomLogContext): { readonly log: RoomLog; readonly startRoomAt: StartRoomAt } {
  const { id, writer, counts, retention, now } = context
  /** The head of each room after all calls so far. */
  const heads = new Map<string, RoomHead>()
  let closed = false

  const check = () => {
    if (closed) throw closedError('room log')
  }
  const headAfterCalls = (room: string): RoomHead => heads.get(room) ?? readHead(context, room) ?? newHead
  const moveHead = (room: string, head: RoomHead): StoreChange => {
    heads.set(room, head)
    return put(roomHeadKey(room), head)
  }

  const append = async (room: string, records: readonly RoomRecord[], expected: Position): Promise<Position> => {
    check()
    writer.check()
    const before = headAfterCalls(room)
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
    if (isNew) counts.rooms++
    await writer.write([...rows, moveHead(room, head), ...(isNew ? [put(countsKey, counts)] : [])])
    return formatPosition(head)
  }

  const retain = async (room: string): Promise<void> => {
    if (retention.messages === undefined && retention.age_ms === undefined) return
    const seq = firstKeptSeq(context, room, headAfterCalls(room), retention, now())
    while (!closed) {
      const head = headAfterCalls(room)
      if (head.first.seq >= seq) return
      const { first, removals } = planRemoval(context, room, head, seq)
      await writer.write([...removals, moveHead(room, { ...head, first })])
    }
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
        const { number } = headAfterCalls(room)
        if (number < 0) return
        const generation = (readSnapshots(context, room)[0]?.generation ?? 0) + 1
        await writer.write([put(snapshotKey(number, snapshotSlot(generation)), { generation, position, state })])
        await retain(room)
      },
    },
    close: async () => {
      closed = true
      await writer.settled()
    },
  }

  const startRoomAt: StartRoomAt = (room, first, before) => {
    heads.set(room, { ...headAfterCalls(room), ...before, first })
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
