import { memoryLog, type RoomLog } from '@midsentence/core'

/** A room log that deletes all messages below a seq, as retention does, and keeps no snapshots. */
export function retentionLog(): RoomLog & { forget(below: number): void } {
  const { snapshots: _, ...log } = memoryLog()
  let first = 0
  return {
    ...log,
    forget: below => {
      first = below
    },
    messages: async (room, after, limit) => log.messages(room, Math.max(after, first - 1), limit),
    async *records(room, after) {
      for await (const record of log.records(room, after)) {
        if (record.type !== 'message' || record.message.seq >= first) yield record
      }
    },
  }
}
