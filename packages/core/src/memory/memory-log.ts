import { MidsentenceError } from '../errors.ts'
import type { Position, RoomLog, RoomRecord, Snapshot } from '../ports/room-log.ts'
import type { Message } from '../room/message.ts'

interface StoredRoom {
  readonly records: RoomRecord[]
  readonly messages: Message[]
  /** The number of records as text, created once a write. */
  position: Position
}

/**
 * Creates a room log in memory; its content is lost with the process. Reads and writes take effect before their call returns.
 */
export function memoryLog(id: string = crypto.randomUUID()): RoomLog {
  const rooms = new Map<string, StoredRoom>()
  const snapshots = new Map<string, Snapshot>()
  let closed = false

  const check = () => {
    if (closed) throw new MidsentenceError('unavailable', 'The room log is closed.')
  }
  const room = (name: string): StoredRoom => {
    check()
    const found = rooms.get(name) ?? { records: [], messages: [], position: '0' }
    rooms.set(name, found)
    return found
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
      for (const record of records) {
        target.records.push(record)
        if (record.type === 'message') target.messages.push(record.message)
      }
      target.position = String(target.records.length)
      return target.position
    },
    messages: async (name, after, limit) => {
      const { messages } = room(name)
      const first = messages.findIndex(message => message.seq > after)
      return first < 0 ? [] : messages.slice(first, first + limit)
    },
    async *records(name, after = '0') {
      yield* room(name).records.slice(Number(after))
    },
    snapshots: {
      load: async name => {
        check()
        return snapshots.get(name)
      },
      save: async (name, snapshot) => {
        check()
        snapshots.set(name, snapshot)
      },
    },
    close: async () => {
      closed = true
    },
  }
}
