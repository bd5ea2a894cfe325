import { MidsentenceError } from '../errors.ts'
import type { SessionLog, SessionRecord } from '../ports/session-log.ts'

/** A record, and its place among all. */
type Placed = readonly [place: number, record: SessionRecord]

/** A session log that lives as long as its process. What a session did is forgotten with it. */
export function memorySessions(): SessionLog {
  const kept = new Map<string, Placed[]>()
  let next = 0
  let closed = false
  const check = () => {
    if (closed) throw new MidsentenceError('unavailable', 'The session log is closed.')
  }
  return {
    durability: 'memory',
    async *read() {
      check()
      for (const [, record] of [...kept.values()].flat().sort(([a], [b]) => a - b)) yield record
    },
    append: async records => {
      check()
      for (const record of records) {
        const { session_id, fact } = record
        const before = kept.get(session_id)
        if (fact.type === 'closed') kept.delete(session_id)
        else if (before && fact.type !== 'stands') before.push([next++, record])
        else kept.set(session_id, [[next++, record]])
      }
    },
    close: async () => {
      closed = true
    },
  }
}
