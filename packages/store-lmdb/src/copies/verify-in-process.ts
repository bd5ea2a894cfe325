import { type JournalHead, readJournal } from '../journal.ts'
import type { RoomHead } from '../rooms/room-head.ts'
import { readMessages, readRows } from '../rooms/room-rows.ts'
import { ScoreCheck } from '../score/score-check.ts'
import { recordsIn, type ScoreHead, scoreRows } from '../score/score-rows.ts'
import { readSessionRows, type SessionHead } from '../session-log.ts'
import { Environment } from '../storage/environment.ts'
import { damageAdvice } from '../storage/errors.ts'
import { readHeads } from '../storage/heads.ts'
import { readIdentity } from '../storage/identity.ts'
import { countsKey, type EntryKind, kinds } from '../storage/keys.ts'
import type { StoreCounts } from '../storage/store-context.ts'
import type { StoreReport } from './verify.ts'

/** Entries read at a time, and the maximum number of problems in a report. */
const [BATCH, MAX_PROBLEMS] = [500, 20]

/**
 * Verifies the store in `directory`, or with `scores` the environment of its scores, in this process, which damaged pages may
 * end.
 */
export async function verifyInProcess(directory: string, what: 'store' | 'scores' = 'store'): Promise<StoreReport> {
  const problems: string[] = []
  const totals = { rooms: 0, messages: 0, records: 0, sessions: 0, journals: 0, scoreRecords: 0 }
  const collect = (error: unknown) => {
    const sentence = (error instanceof Error ? error.message : String(error)).replace(damageAdvice, '')
    if (problems.length < MAX_PROBLEMS && !problems.includes(sentence)) problems.push(sentence)
  }
  const attempt: Attempt = check => {
    try {
      check()
      return true
    } catch (error) {
      collect(error)
      return false
    }
  }
  const environment = await Environment.open(directory, true).catch(collect)
  if (environment) {
    verifyAll(environment, directory, what, totals, attempt)
    await environment.close()
  }
  return { ...totals, problems }
}

/** Runs `check` and reports its error as a problem. Returns whether it succeeded. */
type Attempt = (check: () => void) => boolean

/** The number of entries of each kind. */
type Entries = Map<number, number>

type Totals = { -readonly [K in keyof Omit<StoreReport, 'problems'>]: number }

function verifyAll(
  environment: Environment,
  directory: string,
  what: 'store' | 'scores',
  totals: Totals,
  attempt: Attempt,
): void {
  const entries = new Map<number, number>()
  attempt(() => {
    environment.freeze()
    if (!readIdentity(environment, directory)) throw new Error('It is empty.')
  })
  attempt(() => verifyChecksums(environment, entries, attempt))
  if (what === 'scores') attempt(() => verifyScores(environment, entries, totals, attempt))
  else verifyLogs(environment, entries, totals, attempt)
}

/** Compares each score with its head, and its records with each other. */
function verifyScores(environment: Environment, entries: Entries, totals: Totals, attempt: Attempt): void {
  const context = { environment }
  let rows = 0
  for (const [room, head] of readHeads<ScoreHead>(context, 'scoreHead')) {
    attempt(() => {
      const check = new ScoreCheck()
      let problem: string | undefined
      for (const row of scoreRows(context, head)) {
        rows++
        for (const record of recordsIn(row)) {
          totals.scoreRecords++
          problem ??= check.problemOf(record)
        }
      }
      const newest = check.last?.position
      if (newest !== undefined && newest !== head.position)
        problem ??= `its newest record is ${newest} instead of ${head.position}`
      if (problem !== undefined)
        throw new Error(`The score of the room ${JSON.stringify(room)} is damaged: ${problem}.`)
    })
  }
  mustHave(entries, 'scoreRow', rows)
}

function verifyLogs(environment: Environment, entries: Entries, totals: Totals, attempt: Attempt): void {
  const context = { environment }
  attempt(() => {
    const heads = readHeads<RoomHead>(context, 'roomHead')
    let rows = 0
    let complete = true
    for (const [room, { seq, first }] of heads) {
      const succeeded = attempt(() => {
        for (const row of readRows(context, room, undefined)) {
          rows++
          totals.records += row.length
        }
        for (let after = first.seq - 1; after < seq; after += BATCH) {
          totals.messages += readMessages(context, room, after, BATCH).length
        }
      })
      complete &&= succeeded
    }
    totals.rooms = heads.size
    if (complete) mustHave(entries, 'roomRow', rows)
    const journals = readHeads<JournalHead>(context, 'journalHead')
    for (const name of journals.keys()) attempt(() => readJournal(context, name))
    totals.journals = journals.size
    const counts = environment.get(countsKey) as StoreCounts | undefined
    mustHave(entries, 'roomHead', counts?.rooms)
    mustHave(entries, 'journalHead', counts?.journals)
  })
  attempt(() => {
    const heads = readHeads<SessionHead>(context, 'sessionHead')
    let rows = 0
    for (const [room, head] of heads) {
      rows += head.rows
      attempt(() => {
        const found = readSessionRows(context, room)
        totals.sessions += new Set(found.map(({ records }) => records[0]!.session_id)).size
      })
    }
    mustHave(entries, 'sessionRow', rows)
    mustHave(entries, 'sessionHead', (environment.get(countsKey) as StoreCounts | undefined)?.sessions)
  })
}

/** Checks every value against its checksum, and counts the entries of each kind. */
function verifyChecksums(environment: Environment, entries: Entries, attempt: Attempt): void {
  let from = Buffer.of(0)
  for (;;) {
    const found = environment.range(from, Buffer.of(0xff), BATCH)
    for (const { key, value } of found) {
      entries.set(key[0]!, (entries.get(key[0]!) ?? 0) + 1)
      attempt(value)
    }
    if (found.length < BATCH) return
    from = Buffer.concat([found.at(-1)!.key, Buffer.of(0)])
  }
}

function mustHave(entries: Entries, kind: EntryKind, expected: number | undefined): void {
  const count = entries.get(kinds[kind]) ?? 0
  if (count !== expected) throw new Error(`There are ${count} entries of kind ${kind} instead of ${expected}.`)
}
