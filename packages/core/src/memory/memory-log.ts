import { MidsentenceError } from '../errors.ts'
import type { Position, RoomLog, RoomRecord, Snapshot } from '../ports/room-log.ts'
import type { Message } from '../room/message.ts'

interface Room {
  readonly records: RoomRecord[]
  readonly messages: Message[]
}

/** A room log that lives as long as its process. Reads and writes take effect before their call returns. */
export function memoryLog(id: string = crypto.randomUUID()): RoomLog {
  const rooms = new Map<string, Room>()
  const snapshots = new Map<string, Snapshot>()
  let closed = false

  const check = () => {
    if (closed) throw new MidsentenceError('unavailable', 'The room log is closed.')
  }
  const room = (name: string): Room => {
    check()
    const found = rooms.get(name) ?? { records: [], messages: [] }
    rooms.set(name, found)
    return found
  }
  const position = ({ records }: Room): Position => String(records.length)

  return {
    id,
    durability: 'memory',
    head: async name => position(room(name)),
    append: async (name, records, expected) => {
      const target = room(name)
      if (position(target) !== expected) {
        throw new MidsentenceError('unavailable', `Somebody else wrote to ${name}: expected ${expected}.`)
      }
      for (const record of records) {
        target.records.push(record)
        if (record.type === 'message') target.messages.push(record.message)
      }
      return position(target)
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
