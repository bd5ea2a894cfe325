import { MidsentenceError } from '../errors.ts'
import type { SessionLog, SessionRecord } from '../ports/session-log.ts'

interface RoomSessions {
  position: number
  /** The kept records of each session, with their positions. */
  readonly kept: Map<string, [position: number, record: SessionRecord][]>
}

/** Creates a session log that lives as long as its process. */
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
      for (const [room, { kept }] of rooms) if (kept.size > 0) yield room
    },
    head: async room => {
      check()
      return `${rooms.get(room)?.position ?? 0}`
    },
    async *read(room) {
      check()
      const kept = [...(rooms.get(room)?.kept.values() ?? [])].flat().sort(([a], [b]) => a - b)
      for (const [, record] of kept) yield record
    },
    append: async (room, records, expected) => {
      check()
      const target = rooms.get(room) ?? { position: 0, kept: new Map() }
      if (`${target.position}` !== expected) {
        throw new MidsentenceError(
          'unavailable',
          `Another writer appended to the sessions of ${room}: expected ${expected}.`,
        )
      }
      rooms.set(room, target)
      for (const record of records) {
        const { session_id, fact } = record
        const before = target.kept.get(session_id)
        const placed: [number, SessionRecord] = [++target.position, record]
        if (fact.type === 'closed') target.kept.delete(session_id)
        else if (before && fact.type !== 'stands') before.push(placed)
        else target.kept.set(session_id, [placed])
      }
      return `${target.position}`
    },
    close: async () => {
      closed = true
    },
  }
}
