import type { SessionLog, SessionRecord } from '@midsentence/core'
import { put, removal, type StoreChange } from './storage/change.ts'
import { closedError, damaged } from './storage/damage.ts'
import { countsKey, keysOf, sessionHeadKey, sessionRowKey, sessionRowNumber } from './storage/keys.ts'
import type { ReadContext, StoreContext, StoreCounts } from './storage/store-context.ts'

/** Counts the rows, so that a missing one is noticed. */
interface SessionHead {
  /** The number of the next row. */
  readonly next: number
  /** How many rows are kept. */
  readonly rows: number
}

/** Rows read at a time. */
const BATCH = 500

const newHead: SessionHead = { next: 1, rows: 0 }

/** Throws `internal` if it is missing. */
export function readSessionHead({ environment }: ReadContext): SessionHead {
  const head = environment.get(sessionHeadKey) as SessionHead | undefined
  const counts = environment.get(countsKey) as StoreCounts | undefined
  if (!head && counts?.sessions) throw damaged('the head of the sessions is missing')
  return head ?? newHead
}

/** Yields every row, oldest first: its number and its records, which are of one session. */
export function* readSessionRows(
  context: ReadContext,
): Generator<{ readonly number: number; readonly records: readonly SessionRecord[] }> {
  const { environment } = context
  const { rows } = readSessionHead(context)
  let { from, to } = keysOf('sessionRow')
  let read = 0
  for (;;) {
    const found = environment.range(from, to, BATCH)
    for (const { key, value } of found) {
      read++
      yield { number: sessionRowNumber(key), records: value() as readonly SessionRecord[] }
    }
    if (found.length < BATCH) break
    from = sessionRowKey(sessionRowNumber(found.at(-1)!.key) + 1)
  }
  if (read !== rows) throw damaged(`${read} of ${rows} rows of sessions are there`)
}

/** Opens the sessions of a store. Removes the rows of a session once it is closed, or a record sums it up. */
export function sessionLog(context: StoreContext): SessionLog {
  const { writer, counts } = context
  /** Numbers of the rows of each session; loaded on first use. */
  let rowsBySession: Map<string, number[]> | undefined
  let head = readSessionHead(context)
  let closed = false

  const check = () => {
    if (closed) throw closedError('session log')
  }

  const loadRows = (): Map<string, number[]> => {
    const loaded = new Map<string, number[]>()
    for (const { number, records } of readSessionRows(context)) add(loaded, records[0]!.session_id, number)
    return loaded
  }

  return {
    durability: 'flushed',
    async *read() {
      check()
      for (const { records } of readSessionRows(context)) {
        check()
        yield* records
      }
    },
    append: async records => {
      check()
      writer.check()
      // Resolves only once earlier records are on disk.
      if (records.length === 0) return writer.write([])
      rowsBySession ??= loadRows()
      const changes: StoreChange[] = []
      let { next, rows } = head
      for (const run of runsOfSessions(records)) {
        const { session_id } = run[0]!
        const last = run.findLastIndex(({ fact }) => fact.type === 'closed' || fact.type === 'stands')
        if (last >= 0) {
          const superseded = rowsBySession.get(session_id) ?? []
          for (const number of superseded) changes.push(removal(sessionRowKey(number)))
          rows -= superseded.length
          rowsBySession.delete(session_id)
        }
        const kept = run.slice(run[last]?.fact.type === 'closed' ? last + 1 : Math.max(last, 0))
        if (kept.length === 0) continue
        changes.push(put(sessionRowKey(next), kept))
        add(rowsBySession, session_id, next++)
        rows++
      }
      head = { next, rows }
      changes.push(put(sessionHeadKey, head))
      if (counts.sessions === 0) {
        counts.sessions = 1
        changes.push(put(countsKey, counts))
      }
      await writer.write(changes)
    },
    close: async () => {
      closed = true
      await writer.settled()
    },
  }
}

/** Splits `records` into runs of one session each, in order. */
function runsOfSessions(records: readonly SessionRecord[]): SessionRecord[][] {
  const runs: SessionRecord[][] = []
  for (const record of records) {
    const run = runs.at(-1)
    if (run?.[0]?.session_id === record.session_id) run.push(record)
    else runs.push([record])
  }
  return runs
}

function add(rows: Map<string, number[]>, session_id: string, number: number): void {
  const known = rows.get(session_id)
  if (known) known.push(number)
  else rows.set(session_id, [number])
}
