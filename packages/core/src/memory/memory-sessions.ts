import { MidsentenceError } from '../errors.ts'
import type { SessionLog, SessionRecord } from '../ports/session-log.ts'

interface RoomSessions {
  /** How many records were appended. */
  position: number
  /** The kept records of each open session, with their positions. */
  readonly open: Map<string, (readonly [position: number, record: SessionRecord])[]>
}

/** Creates a session log that lives as long as its process. Drops the records of a closed session. */
export function memorySessions(): SessionLog {
  const rooms = new Map<string, RoomSessions>()
  let closed = false
  const check = () => {
    if (closed) throw new MidsentenceError('unavailable', 'The session log is closed.')
  }
  return {
    durability: 'memory',
    async *rooms() {
      check()
      for (const [room, { open }] of rooms) if (open.size > 0) yield room
    },
    head: async room => {
      check()
      return `${rooms.get(room)?.position ?? 0}`
    },
    async *read(room) {
      check()
      const kept = [...(rooms.get(room)?.open.values() ?? [])].flat().sort(([a], [b]) => a - b)
      for (const [, record] of kept) yield record
    },
    append: async (room, records, expected) => {
      check()
      const target = rooms.get(room) ?? { position: 0, open: new Map() }
      if (`${target.position}` !== expected) {
        throw new MidsentenceError(
          'unavailable',
          `Another writer appended to the sessions of ${room}: expected ${expected}, found ${target.position}.`,
        )
      }
      rooms.set(room, target)
      for (const record of records) {
        const { session_id, fact } = record
        const entry = [++target.position, record] as const
        const before = target.open.get(session_id)
        if (fact.type === 'closed') target.open.delete(session_id)
        else if (before && fact.type !== 'snapshot') before.push(entry)
        else target.open.set(session_id, [entry])
      }
      return `${target.position}`
    },
    release: async room => {
      check()
      if (rooms.get(room)?.open.size === 0) rooms.delete(room)
    },
    close: async () => {
      closed = true
    },
  }
}
