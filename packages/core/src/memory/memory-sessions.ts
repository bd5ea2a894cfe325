import { MidsentenceError } from '../errors.ts'
import type { SessionLog, SessionRecord } from '../ports/session-log.ts'

/** A session log that lives as long as its process. What a session did is forgotten with it. */
export function memorySessions(): SessionLog {
  const kept = new Map<string, SessionRecord[]>()
  let closed = false
  const check = () => {
    if (closed) throw new MidsentenceError('unavailable', 'The session log is closed.')
  }
  return {
    durability: 'memory',
    async *read() {
      check()
      for (const records of [...kept.values()]) yield* [...records]
    },
    append: async records => {
      check()
      for (const record of records) {
        const { session_id, fact } = record
        const before = kept.get(session_id)
        if (fact.type === 'closed') kept.delete(session_id)
        else if (before) before.push(record)
        else kept.set(session_id, [record])
      }
    },
    close: async () => {
      closed = true
    },
  }
}
