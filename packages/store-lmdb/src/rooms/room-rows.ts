import { type Message, MidsentenceError, type RoomRecord } from '@midsentence/core'
import type { StoreChange } from '../storage/change.ts'
import type { StoredEntry } from '../storage/environment.ts'
import { roomRowKey, seqAndSubIn } from '../storage/keys.ts'
import type { ReadContext } from '../storage/store-context.ts'
import { type RoomHead, readHead, roomDamage } from './room-head.ts'
import type { RoomPosition } from './room-position.ts'

/** Records that were appended together, with the position of the first. */
type RoomRow = readonly [position: number, records: readonly RoomRecord[]]

/** Maximum length of a row, in characters of JSON. A single longer record has a row to itself. */
export const ROW_LENGTH = 65_536

/** Rows read at a time. */
const BATCH = 100

/** Bytes that a row takes in the file: LMDB gives long values pages of their own. */
export const storedBytes = (length: number): number =>
  length > LONG ? Math.ceil((length + PAGE_HEADER) / PAGE) * PAGE : length + ENTRY

/** LMDB's page, its header, the length above which a value has its own pages, and the share of key and pointers. */
const [PAGE, PAGE_HEADER, LONG, ENTRY] = [4096, 16, 2000, 64]

/** Returns the rows that store `records` after `head`, and the new head. Throws `internal` if a seq does not follow. */
export function rowsFor(
  room: string,
  head: RoomHead,
  records: readonly RoomRecord[],
): { readonly head: RoomHead; readonly rows: StoreChange[] } {
  const rows: StoreChange[] = []
  let bytes = 0
  let at: RoomPosition = head
  let first: RoomPosition | undefined
  let text = ''
  const endRow = () => {
    if (!first) return
    const row = `[${first.position},[${text}]]`
    rows.push({ key: roomRowKey(head.number, first.seq, first.sub), text: row })
    bytes += storedBytes(Buffer.byteLength(row))
    first = undefined
  }
  for (const record of records) {
    at = following(room, at, record)
    const json = JSON.stringify(record)
    if (first && text.length + json.length > ROW_LENGTH) endRow()
    text = first ? `${text},${json}` : json
    first ??= at
  }
  endRow()
  const { position, seq, sub } = at
  const { number, snapshot } = head
  const sizes = { bytes: head.bytes + bytes, fresh: head.fresh + bytes, snapshot }
  return { head: { position, seq, sub, number, first: head.first, ...sizes }, rows }
}

function following(room: string, { position, seq, sub }: RoomPosition, record: RoomRecord): RoomPosition {
  if (record.type !== 'message') return { position: position + 1, seq, sub: sub + 1 }
  if (record.message.seq === seq + 1) return { position: position + 1, seq: seq + 1, sub: 0 }
  throw new MidsentenceError(
    'internal',
    `Message ${record.message.seq} cannot follow message ${seq} of ${room}: nothing was written.`,
  )
}

/** Returns up to `limit` messages with a seq above `after`. Throws `internal` if one is missing or damaged. */
export function readMessages(context: ReadContext, room: string, after: number, limit: number): Message[] {
  const head = readHead(context, room)
  const from = Math.max(Math.floor(after) + 1, head?.first.seq ?? 1)
  const wanted = head ? Math.min(limit, head.seq - from + 1) : 0
  if (!head || !(wanted > 0)) return []
  const messages: Message[] = []
  const missing = () => roomDamage(room, `message ${from + messages.length} is missing`)
  const start = rowKeyAt(context, head, { seq: from, sub: 0 })
  for (const { value } of context.environment.range(start, roomRowKey(head.number, from + wanted, 0))) {
    for (const record of (value() as RoomRow)[1]) {
      if (record.type !== 'message' || record.message.seq < from) continue
      if (record.message.seq !== from + messages.length) throw missing()
      messages.push(record.message)
      if (messages.length === wanted) return messages
    }
  }
  throw missing()
}

/**
 * Yields the records after `after`, by default all, one row at a time, up to the head at the first call. Throws `internal`
 * if a row is missing or damaged, `unavailable` if retention removed the next record.
 */
export function* readRows(
  context: ReadContext,
  room: string,
  after: RoomPosition | undefined,
): Generator<readonly RoomRecord[]> {
  const head = readHead(context, room)
  if (!head) return
  const { first } = head
  if (after && after.position < first.position - 1) throw removed(room)
  let next = Math.max(first.position, (after?.position ?? 0) + 1)
  // Before retention a room may begin with records that are not messages.
  const start = next > first.position ? after! : { seq: first.position > 1 ? first.seq : 0, sub: 0 }
  let from = rowKeyAt(context, head, start)
  const end = roomRowKey(head.number, head.seq, head.sub + 1)
  while (next <= head.position) {
    const rows = context.environment.range(from, end, BATCH)
    if (rows.length === 0) throw missingRecord(context, room, next)
    for (const { value } of rows) {
      const [position, records] = value() as RoomRow
      if (position > next) throw missingRecord(context, room, next)
      const rest = position === next ? records : records.slice(next - position)
      next += rest.length
      yield rest
    }
    const { seq, sub } = seqAndSubIn(rows.at(-1)!.key)
    from = roomRowKey(head.number, seq, sub + 1)
  }
}

/** Returns the record at `seq` and `sub`, with its position; undefined if there is none. */
export function findRecord(
  context: ReadContext,
  head: RoomHead,
  { seq, sub }: Pick<RoomPosition, 'seq' | 'sub'>,
): { readonly position: number; readonly record: RoomRecord; readonly rowKey: Buffer } | undefined {
  const row = rowAt(context, head, { seq, sub })
  if (!row) return undefined
  const [position, records] = row.value() as RoomRow
  let at = seqAndSubIn(row.key)
  for (const [nth, record] of records.entries()) {
    if (nth > 0) at = record.type === 'message' ? { seq: at.seq + 1, sub: 0 } : { seq: at.seq, sub: at.sub + 1 }
    if (at.seq === seq && at.sub === sub) return { position: position + nth, record, rowKey: row.key }
  }
  return undefined
}

/** Finds the row that holds the record at `seq` and `sub`: the last row whose first record is not after it. */
const rowAt = (
  { environment }: ReadContext,
  { number }: RoomHead,
  { seq, sub }: Pick<RoomPosition, 'seq' | 'sub'>,
): StoredEntry | undefined => environment.last(roomRowKey(number, 0, 0), roomRowKey(number, seq, sub))

/** Returns the key to start reading at, for a reader that wants the record at `seq` and `sub`. */
const rowKeyAt = (context: ReadContext, head: RoomHead, at: Pick<RoomPosition, 'seq' | 'sub'>): Buffer =>
  rowAt(context, head, at)?.key ?? roomRowKey(head.number, at.seq, at.sub)

/** Distinguishes a row that retention removed during the read from a lost one. */
function missingRecord(context: ReadContext, room: string, position: number): MidsentenceError {
  const now = readHead(context, room)
  return now && position < now.first.position ? removed(room) : roomDamage(room, `record ${position} is missing`)
}

const removed = (room: string): MidsentenceError =>
  new MidsentenceError('unavailable', `The log of ${room} no longer has the next record: start at a later one.`)
