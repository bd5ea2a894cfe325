import {
  type Message,
  MidsentenceError,
  needsSnapshot,
  type Position,
  type RoomLog,
  type RoomRecord,
} from '@midsentence/core'
import { damaged, notOwner } from '../entries/errors.ts'
import type { SubjectLog } from '../entries/subject-log.ts'
import { formatPosition, parsePosition } from './positions.ts'
import { type ClusterRetention, removeOldest } from './remove-oldest.ts'
import { snapshotStore } from './snapshots.ts'

export interface OwnedRoomLogOptions {
  readonly room: string
  readonly id: string
  readonly durability: RoomLog['durability']
  readonly retention: ClusterRetention
  /** Wall-clock time in milliseconds since 1970. */
  now(): number
}

/** The log of one room that this server owns. `snapshots` is the subject of its snapshots. */
export function ownedRoomLog(log: SubjectLog, snapshots: SubjectLog, options: OwnedRoomLogOptions): RoomLog {
  const { room: owned, id, durability, retention, now } = options
  /** Bytes of the records after the newest snapshot. */
  let fresh = 0

  const check = async (room: string): Promise<void> => {
    if (room !== owned) throw notOwner(room)
    await log.settled()
  }
  const store = snapshotStore(log, snapshots)

  return {
    id,
    durability,
    head: async room => {
      await check(room)
      return formatPosition(log.state.records)
    },
    append: async (room, records, expected): Promise<Position> => {
      if (room !== owned) throw notOwner(room)
      const written = [...records]
      return log.run(async () => {
        if (expected !== formatPosition(log.state.records)) throw wrongHead(room, expected)
        if (written.length === 0) return expected
        const newest = written.findLast(record => record.type === 'message')
        fresh += await log.append(written, newest?.message.seq ?? log.state.mark)
        return formatPosition(log.state.records)
      })
    },
    messages: async (room, after, limit) => {
      await check(room)
      const found: Message[] = []
      if (limit <= 0) return found
      for await (const { records } of log.groups('mark', after, limit)) {
        for (const record of records as readonly RoomRecord[]) {
          if (record.type === 'message' && record.message.seq > after) found.push(record.message)
        }
        if (found.length >= limit) break
      }
      return found.slice(0, limit)
    },
    async *records(room, after) {
      await check(room)
      const from = after === undefined ? 0 : parsePosition(after)
      if (from === undefined || from > log.state.records) throw wrongHead(room, `${after}`)
      let next = from
      for await (const { head, records } of log.groups('records', from)) {
        const first = head.records - head.count
        if (first > next) {
          if (next !== from || log.state.floor === 0)
            throw damaged(`records ${next + 1} to ${first} of ${room} are missing`)
          if (after !== undefined) throw noLonger(room)
        }
        yield* records.slice(Math.max(next - first, 0)) as readonly RoomRecord[]
        next = head.records
      }
    },
    snapshots: {
      load: async room => {
        await check(room)
        return store.load()
      },
      save: async (room, snapshot) => {
        await check(room)
        fresh = 0
        await store.save(snapshot)
        await log.run(() => removeOldest(log, snapshot.position, retention, now()))
      },
      due: room => room === owned && needsSnapshot(retention, { fresh, snapshot: store.bytes(), total: 0 }),
    },
    close: async () => {
      await Promise.all([log.close(), snapshots.close()])
    },
  }
}

const wrongHead = (room: string, expected: Position): MidsentenceError =>
  new MidsentenceError('unavailable', `Another writer appended to ${room}: expected ${expected}.`)

const noLonger = (room: string): MidsentenceError =>
  new MidsentenceError('unavailable', `The log of ${room} no longer has the next record.`)
