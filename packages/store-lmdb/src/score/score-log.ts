import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { roomLevel, type ScoreEnd, type ScoreLog, type ScoreRecord } from '@midsentence/core'
import { cutByTime, groupOf, type ScoreGroup } from '@midsentence/core/hub'
import { verifyScores } from '../copies/verify.ts'
import { checkDataFile } from '../directory/check-data-file.ts'
import { dataFileIn } from '../directory/data-file.ts'
import { makePrivate, SCORE_DIRECTORY } from '../directory/permissions.ts'
import { put, removal, type StoreChange } from '../storage/change.ts'
import { Environment, type StoredEntry } from '../storage/environment.ts'
import { closedError } from '../storage/errors.ts'
import { readHeads } from '../storage/heads.ts'
import { readIdentity, SCHEMA } from '../storage/identity.ts'
import { checkName, identityKey, scoreHeadKey, scoreRowKey } from '../storage/keys.ts'
import { Writer } from '../storage/writer.ts'
import { lastScoreRow, readScoreHead, recordsIn, type ScoreHead, scoreRows } from './score-rows.ts'

/** An environment that is open, and what its writes need to know. */
interface OpenScores {
  readonly environment: Environment
  readonly writer: Writer
  /** Heads of rooms with writes in progress: they are newer than those on disk. */
  readonly moving: Map<string, { head: ScoreHead; writes: number }>
  /** The number of the next room. */
  next: number
  /** Bytes of the rows of all rooms. */
  total: number
}

/**
 * Opens the scores of the store in `directory`, as a separate environment below it: a score that cannot be written
 * stops no message. It is created with the first record. At most `maximum` bytes, about.
 */
export function scoreLog(directory: string, id: string, maximum: number): ScoreLog {
  const path = join(directory, SCORE_DIRECTORY)
  let opening: Promise<OpenScores> | undefined
  let closing: Promise<void> | undefined

  /** Every call so far, ended or not. */
  let calls: Promise<unknown> = Promise.resolve()

  const open = (): Promise<OpenScores> => {
    opening ??= openScores(path, id).catch(error => {
      opening = undefined
      throw error
    })
    return opening
  }
  /** Runs `act`, and lets `close` wait for it. */
  const run = <T>(act: () => Promise<T>): Promise<T> => {
    if (closing) return Promise.reject(closedError('score log'))
    const running = act()
    calls = Promise.allSettled([calls, running])
    return running
  }
  /** Reads the scores; without any yet, the result is `none`. */
  const view = <T>(none: T, act: (scores: OpenScores) => T | Promise<T>): Promise<T> =>
    run(async () => (opening || existsSync(dataFileIn(path)) ? act(await open()) : none))
  const drop = (
    scores: OpenScores,
    room: string,
    choose: (head: ScoreHead) => readonly StoredEntry[],
  ): Promise<void> => {
    const head = headOf(scores, room)
    if (!head || head.bytes === 0) return Promise.resolve()
    const rows = choose(head)
    if (rows.length === 0) return Promise.resolve()
    const bytes = rows.reduce((sum, { length }) => sum + length, 0)
    return write(
      scores,
      room,
      { ...head, bytes: head.bytes - bytes },
      rows.map(({ key }) => removal(key)),
    )
  }
  const dropLargest = (scores: OpenScores): void => {
    const heads = new Map(readHeads<ScoreHead>(scores, 'scoreHead'))
    for (const [room, { head }] of scores.moving) heads.set(room, head)
    const sizes = [...heads.values()].map(({ bytes }) => bytes)
    const level = roomLevel(sizes, maximum)
    for (const [room, { bytes }] of heads) {
      // A failure is that of the writes after it.
      if (bytes > level) drop(scores, room, head => rowsAbove(scores, head, level)).catch(() => undefined)
    }
  }

  return {
    durability: 'flushed',
    end: room =>
      view<ScoreEnd>({ position: 0 }, scores => {
        const head = readScoreHead(scores, room)
        if (!head) return { position: 0 }
        const row = head.bytes > 0 ? lastScoreRow(scores, head) : undefined
        const record = row && recordsIn(row).at(-1)
        return record ? { position: head.position, record } : { position: head.position }
      }),
    append(room, group) {
      const records = group.slice()
      const [first, last] = [records[0], records.at(-1)]
      return run(async () => {
        const scores = await open()
        if (!first || !last) return
        checkName(room)
        const head = headOf(scores, room) ?? { number: scores.next++, bytes: 0 }
        const row = put(scoreRowKey(head.number, first.position), records)
        const bytes = head.bytes + Buffer.byteLength(row.text!)
        const moved = { number: head.number, position: last.position, at: Date.parse(last.at), bytes }
        await write(scores, room, moved, [row])
        // Only rows that are on disk can be found.
        if (scores.total > maximum) dropLargest(scores)
      })
    },
    read: (room, after, limit) =>
      view<readonly ScoreRecord[]>([], scores => {
        const head = readScoreHead(scores, room)
        const records: ScoreRecord[] = []
        if (!head || head.bytes === 0) return records
        for (const row of scoreRows(scores, head, after + 1)) {
          for (const record of recordsIn(row)) if (record.position > after) records.push(record)
          if (records.length >= limit) break
        }
        return records.slice(0, limit)
      }),
    async *rooms() {
      const heads = await view(new Map<string, ScoreHead>(), scores => readHeads<ScoreHead>(scores, 'scoreHead'))
      for (const [room, { bytes }] of heads) if (bytes > 0) yield room
    },
    trim: (room, before) => view(undefined, scores => drop(scores, room, head => rowsBefore(scores, head, before))),
    erase: room =>
      view(false, async scores => {
        if ((headOf(scores, room)?.bytes ?? 0) === 0) return false
        // Rows that are not on disk yet have to be there before they are found.
        await scores.writer.settled()
        await drop(scores, room, head => [...scoreRows(scores, head)])
        return true
      }),
    close() {
      closing ??= calls.then(() => opening).then(closeScores, () => undefined)
      return closing
    },
  }
}

async function closeScores(scores: OpenScores | undefined): Promise<void> {
  await scores?.writer.settled()
  await scores?.environment.close()
}

async function openScores(path: string, id: string): Promise<OpenScores> {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  await checkDataFile(path, verifyScores)
  const environment = await Environment.open(path, false)
  try {
    makePrivate(path)
    const identity = { midsentence: 'store', schema: SCHEMA, id }
    if (!readIdentity(environment, path)) await environment.write([put(identityKey, identity)])
    const writer = new Writer(changes => environment.write(changes))
    let [next, total] = [0, 0]
    for (const { number, bytes } of readHeads<ScoreHead>({ environment }, 'scoreHead').values()) {
      next = Math.max(next, number + 1)
      total += bytes
    }
    return { environment, writer, moving: new Map(), next, total }
  } catch (error) {
    await environment.close()
    throw error
  }
}

/** Returns the head of a score with all writes in progress. */
const headOf = (scores: OpenScores, room: string): ScoreHead | undefined =>
  scores.moving.get(room)?.head ?? readScoreHead(scores, room)

/** Writes `changes` to the rows of a room, and its new head. */
async function write(
  scores: OpenScores,
  room: string,
  head: ScoreHead,
  changes: readonly StoreChange[],
): Promise<void> {
  scores.total += head.bytes - (headOf(scores, room)?.bytes ?? 0)
  const moving = { head, writes: (scores.moving.get(room)?.writes ?? 0) + 1 }
  scores.moving.set(room, moving)
  try {
    await scores.writer.write([...changes, put(scoreHeadKey(room), head)])
  } finally {
    const latest = scores.moving.get(room)!
    if (--latest.writes === 0) scores.moving.delete(room)
  }
}

/** Returns the oldest rows of a score that `trim` drops. */
function rowsBefore(scores: OpenScores, head: ScoreHead, before: number): readonly StoredEntry[] {
  const rows: StoredEntry[] = []
  const groups: ScoreGroup[] = []
  for (const row of scoreRows(scores, head)) {
    if ((groups.at(-1)?.until ?? 0) >= before) break
    const group = groupOf(recordsIn(row), row.length)
    rows.push(row)
    groups.push(group)
  }
  return rows.slice(0, cutByTime(groups, head.at, before))
}

/** Returns the oldest rows of a score, so that at most `bytes` stay, and what stays begins with a state. */
function rowsAbove(scores: OpenScores, head: ScoreHead, bytes: number): readonly StoredEntry[] {
  const rows: StoredEntry[] = []
  let left = head.bytes
  for (const row of scoreRows(scores, head)) {
    if (left <= bytes && groupOf(recordsIn(row), row.length).isStart) break
    rows.push(row)
    left -= row.length
  }
  return rows
}
