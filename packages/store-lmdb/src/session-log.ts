import type { SessionLog, SessionRecord } from '@midsentence/core'
import { closedError, damaged } from './damage.ts'
import { type Change, type Latest, put, removal } from './environment.ts'
import { allOf, countsKey, sessionHeadKey, sessionNumberIn, sessionRecordKey } from './keys.ts'
import type { Counts, Parts } from './parts.ts'

/** A record as it is kept: `before` is the number of the one kept before it for the same session, 0 for the first. */
type Kept = readonly [before: number, record: SessionRecord]

/** How many records are kept, and the number of the next one: so that none can be missing. */
interface SessionHead {
  readonly next: number
  readonly kept: number
}

/** So many records are read at once. */
const READ = 500

const newHead: SessionHead = { next: 1, kept: 0 }

/** Throws where it is missing. */
export function sessionHeadOf({ environment }: Pick<Parts, 'environment'>): SessionHead {
  const head = environment.get(sessionHeadKey) as SessionHead | undefined
  const counts = environment.get(countsKey) as Counts | undefined
  if (!head && counts?.sessions) throw damaged('the head of the sessions is missing')
  return head ?? newHead
}

/** Every record of every session, oldest first, with its number. Throws where one is missing. */
export function* readSessions(
  parts: Pick<Parts, 'environment'>,
): Generator<{ readonly number: number; readonly record: SessionRecord }> {
  const { environment } = parts
  const { kept } = sessionHeadOf(parts)
  const last = new Map<string, number>()
  let { from, to } = allOf('sessionRecord')
  let read = 0
  for (;;) {
    const found = environment.range(from, to, READ)
    for (const { key, value } of found) {
      const number = sessionNumberIn(key)
      const [before, record] = value() as Kept
      const { session_id } = record
      if (before !== (last.get(session_id) ?? 0)) throw damaged(`a record of the session ${session_id} is missing`)
      last.set(session_id, number)
      read++
      yield { number, record }
    }
    if (found.length < READ) break
    from = sessionRecordKey(sessionNumberIn(found.at(-1)!.key) + 1)
  }
  if (read !== kept) throw damaged(`of ${kept} records of sessions ${read} are there`)
}

/** The sessions of a store. What is behind a session is taken out as its end, or all that it came to, is written. */
export function sessionLog(parts: Parts): SessionLog {
  const { writer, counts } = parts
  /** The numbers of what is kept of each session, once that is known. */
  let known: Map<string, number[]> | undefined
  let head = sessionHeadOf(parts)
  const latest: Latest = { key: sessionHeadKey, latest: () => head }
  let closed = false

  const check = () => {
    if (closed) throw closedError('session log')
  }

  function* read(): Generator<SessionRecord> {
    const numbers = new Map<string, number[]>()
    for (const { number, record } of readSessions(parts)) {
      const { session_id } = record
      const before = numbers.get(session_id)
      if (before) before.push(number)
      else numbers.set(session_id, [number])
      yield record
    }
    known ??= numbers
  }

  const numbersOf = (): Map<string, number[]> => {
    if (!known) for (const _ of read());
    return known!
  }

  return {
    durability: 'flushed',
    async *read() {
      check()
      for (const record of read()) {
        check()
        yield record
      }
    },
    append: async records => {
      check()
      writer.check()
      // What it stands behind has to be written all the same.
      if (records.length === 0) return writer.write([])
      const numbers = numbersOf()
      const changes: (Change | Latest)[] = []
      let { next, kept } = head
      for (const record of records) {
        const { session_id, fact } = record
        let before = numbers.get(session_id) ?? []
        if (fact.type === 'closed' || fact.type === 'stands') {
          for (const number of before) changes.push(removal(sessionRecordKey(number)))
          kept -= before.length
          before = []
        }
        if (fact.type === 'closed') numbers.delete(session_id)
        else {
          const key = sessionRecordKey(next)
          changes.push(put(key, [before.at(-1) ?? 0, record]))
          before.push(next++)
          numbers.set(session_id, before)
          kept++
        }
      }
      head = { next, kept }
      changes.push(latest)
      if (!counts.sessions) {
        counts.sessions = true
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
