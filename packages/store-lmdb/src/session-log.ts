import { MidsentenceError, type Position, type SessionLog, type SessionRecord } from '@midsentence/core'
import { put, removal, type StoreChange } from './storage/change.ts'
import { closedError, damaged } from './storage/errors.ts'
import { readHeads } from './storage/heads.ts'
import { checkName, countsKey, sessionHeadKey, sessionRowKey } from './storage/keys.ts'
import type { ReadContext, StoreContext } from './storage/store-context.ts'

/** The fact that replaces all earlier facts of its session. */
const SUMMARY: SessionRecord['fact']['type'] = 'snapshot'

/** The sessions of one room. The number of rows shows whether one is missing. */
export interface SessionHead {
  /** The room's number in the keys of its rows. */
  readonly number: number
  /** How many records were ever appended. */
  readonly position: number
  /** How many rows are kept. */
  readonly rows: number
}

/** Records of one session that were appended together, and the position of the first. */
export interface SessionRow {
  readonly position: number
  readonly records: readonly SessionRecord[]
}

/** What appends to one room need to know, as of the last call. */
interface OpenRoom {
  head: SessionHead
  isNew: boolean
  /** Appends that are not on disk yet. */
  writing: number
  /** Positions of the rows of each session. */
  readonly rowsBySession: Map<string, number[]>
}

/** Reads all rows of a room's sessions, oldest first. Throws `internal` if one is missing or damaged. */
export function readSessionRows({ environment }: ReadContext, room: string): SessionRow[] {
  const { head, found } = environment.view(() => {
    const head = readHead({ environment }, room)
    if (!head) return { head, found: [] }
    const { number, position } = head
    return { head, found: environment.range(sessionRowKey(number, 1), sessionRowKey(number, position + 1)) }
  })
  if (found.length !== (head?.rows ?? 0))
    throw damaged(`${found.length} of ${head?.rows} rows of sessions in the room ${room} are there`)
  return found.map(({ value }) => {
    const [position, records] = value() as [number, SessionRecord[]]
    return { position, records }
  })
}

const readHead = ({ environment }: ReadContext, room: string) =>
  environment.get(sessionHeadKey(room)) as SessionHead | undefined

/** Removes the heads of rooms without open sessions. Only before a hub uses them: their positions start again. */
export async function removeUnusedSessionHeads(context: StoreContext): Promise<void> {
  const changes: StoreChange[] = []
  for (const [room, { rows }] of readHeads<SessionHead>(context, 'sessionHead'))
    if (rows === 0) changes.push(removal(sessionHeadKey(room)))
  if (changes.length === 0) return
  context.counts.sessions -= changes.length
  await context.writer.write([...changes, put(countsKey, context.counts)])
}

/** Opens the sessions of a store. Fences `expected` against earlier calls, which may not be on disk yet. */
export function sessionLog(context: StoreContext): SessionLog {
  const { writer, counts } = context
  /** Rooms with open sessions, and those that are written. */
  const openRooms = new Map<string, OpenRoom>()
  let closed = false

  const check = () => {
    if (closed) throw closedError('session log')
  }

  const openRoom = (name: string): OpenRoom => {
    const known = openRooms.get(name)
    if (known) return known
    const head = readHead(context, name)
    const rowsBySession = new Map<string, number[]>()
    for (const { position, records } of readSessionRows(context, name)) {
      addRow(rowsBySession, records[0]!.session_id, position)
    }
    const room = {
      head: head ?? { number: -1, position: 0, rows: 0 },
      isNew: head === undefined,
      writing: 0,
      rowsBySession,
    }
    openRooms.set(name, room)
    return room
  }

  return {
    durability: 'flushed',
    async *rooms() {
      check()
      for (const [room, { rows }] of readHeads<SessionHead>(context, 'sessionHead')) if (rows > 0) yield room
    },
    head: async room => {
      check()
      return `${readHead(context, room)?.position ?? 0}`
    },
    async *read(room) {
      check()
      for (const { records } of readSessionRows(context, room)) {
        for (const record of records) {
          check()
          yield record
        }
      }
    },
    append: async (name, records, expected): Promise<Position> => {
      check()
      writer.check()
      const room = openRoom(name)
      if (`${room.head.position}` !== expected) {
        throw new MidsentenceError(
          'unavailable',
          `Another writer appended to the sessions of ${name}: expected ${expected}.`,
        )
      }
      if (records.length === 0) {
        // Resolves only once the records up to `expected` are on disk.
        await writer.write([])
        return expected
      }
      const changes: StoreChange[] = []
      if (room.isNew) {
        checkName(name)
        room.isNew = false
        room.head = { ...room.head, number: counts.nextSessions++ }
        counts.sessions++
        changes.push(put(countsKey, counts))
      }
      for (const run of runsOfSessions(records)) appendRun(room, run, changes)
      changes.push(put(sessionHeadKey(name), room.head))
      const { head } = room
      room.writing++
      await writer.write(changes)
      // What remains can be read again at little cost.
      if (--room.writing === 0 && room.head.rows === 0) openRooms.delete(name)
      return `${head.position}`
    },
    release: async name => {
      check()
      const head = openRooms.get(name)?.head ?? readHead(context, name)
      if (head?.rows !== 0) return
      openRooms.delete(name)
      counts.sessions--
      await writer.write([removal(sessionHeadKey(name)), put(countsKey, counts)])
    },
    close: async () => {
      closed = true
      await writer.settled()
    },
  }
}

/** Appends records of one session as a row, and removes the rows of the session that they make obsolete. */
function appendRun(room: OpenRoom, run: readonly SessionRecord[], changes: StoreChange[]): void {
  const { number } = room.head
  let { position, rows } = room.head
  const { session_id } = run[0]!
  const last = run.findLastIndex(({ fact }) => fact.type === 'closed' || fact.type === SUMMARY)
  if (last >= 0) {
    const obsolete = room.rowsBySession.get(session_id) ?? []
    for (const row of obsolete) changes.push(removal(sessionRowKey(number, row)))
    rows -= obsolete.length
    room.rowsBySession.delete(session_id)
  }
  const first = run[last]?.fact.type === 'closed' ? last + 1 : Math.max(last, 0)
  if (first < run.length) {
    const row = position + first + 1
    changes.push(put(sessionRowKey(number, row), [row, run.slice(first)]))
    addRow(room.rowsBySession, session_id, row)
    rows++
  }
  position += run.length
  room.head = { number, position, rows }
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

function addRow(rowsBySession: Map<string, number[]>, session_id: string, position: number): void {
  const known = rowsBySession.get(session_id)
  if (known) known.push(position)
  else rowsBySession.set(session_id, [position])
}
