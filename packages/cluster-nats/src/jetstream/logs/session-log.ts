import { MidsentenceError, type Position, type SessionLog, type SessionRecord } from '@midsentence/core'
import { notOwner } from '../entries/errors.ts'
import type { SubjectLog } from '../entries/subject-log.ts'
import { formatPosition } from './positions.ts'

/** A log is rewritten if it has more records than this, and more than twice those that it must keep. */
const COMPACT_ABOVE = 1000

/** After this many records a writer looks again whether to rewrite the log. */
const COMPACT_INTERVAL = 20_000

/** The session log of one room that this server owns. The mark of its subject is the number of open sessions. */
export function ownedSessionLog(log: SubjectLog, owned: string, durability: SessionLog['durability']): SessionLog {
  /** Ids of the open sessions. Undefined: not read yet. */
  let open: Set<string> | undefined
  /** Number of records at which a writer looks again whether to rewrite the log. */
  let compactAt = 0

  const check = async (room: string): Promise<void> => {
    if (room !== owned) throw notOwner(room)
    await log.settled()
  }
  /** Reads the records that must be kept, and rewrites a log that has many others. Called in `run`. */
  const readKept = async (): Promise<readonly SessionRecord[]> => {
    const { kept, total } = await readSessionRecords(log)
    open = new Set(kept.map(({ session_id }) => session_id))
    if (total > COMPACT_ABOVE && total > 2 * kept.length) await log.rewrite(kept, open.size)
    compactAt = log.state.records + COMPACT_INTERVAL
    return kept
  }

  return {
    durability,
    async *rooms() {
      await log.settled()
      if (log.state.mark > 0) yield owned
    },
    head: async room => {
      await check(room)
      return formatPosition(log.state.records)
    },
    async *read(room) {
      if (room !== owned) throw notOwner(room)
      yield* await log.run(readKept)
    },
    append: async (room, records, expected): Promise<Position> => {
      if (room !== owned) throw notOwner(room)
      const written = [...records]
      return log.run(async () => {
        if (expected !== formatPosition(log.state.records)) {
          throw new MidsentenceError(
            'unavailable',
            `Another writer appended to the sessions of ${room}: expected ${expected}.`,
          )
        }
        if (written.length === 0) return expected
        if (!open) await readKept()
        const now = new Set(open)
        for (const { session_id, fact } of written) {
          if (fact.type === 'closed') now.delete(session_id)
          else now.add(session_id)
        }
        await log.append(written, now.size)
        open = now
        // The next call waits for it, this one does not.
        if (log.state.records >= compactAt) log.run(readKept).catch(() => undefined)
        return formatPosition(log.state.records)
      })
    },
    release: async room => {
      await check(room)
      await log.run(async () => {
        const { records, mark, last } = log.state
        if (records === 0 || mark > 0) return
        await log.confirm({ records: 0, before: 0, floor: last + 1 })
        await log.purge(log.state.last)
      })
    },
    close: () => log.close(),
  }
}

/** Reads the records of a room's sessions that must be kept, and counts all that are there. */
export async function readSessionRecords(
  log: SubjectLog,
): Promise<{ readonly kept: readonly SessionRecord[]; readonly total: number }> {
  let all: SessionRecord[] = []
  for await (const { records, head } of log.groups('records', 0)) {
    // A rewritten log begins here.
    if (head.before === 0) all = []
    for (const record of records as readonly SessionRecord[]) all.push(record)
  }
  /** Index of the first record to keep of each session. */
  const first = new Map<string, number>()
  for (const [at, { session_id, fact }] of all.entries()) {
    if (fact.type === 'closed') first.set(session_id, all.length)
    else if (fact.type === 'snapshot' || !first.has(session_id)) first.set(session_id, at)
  }
  return { kept: all.filter(({ session_id }, at) => at >= first.get(session_id)!), total: all.length }
}
