import type { Position, RoomLog } from '../../ports/room-log.ts'
import type { Message, Seq } from '../../room/message.ts'
import { PAGE_MESSAGES } from '../../room/page.ts'
import { fitting, type WindowBounds } from './message-window.ts'
import { RoomIndex } from './room-index.ts'

/** How many messages are read from the log at once. */
const READ_MESSAGES = 100

/** What a room starts with. */
export interface LoadedRoom {
  readonly index: RoomIndex
  /** Its newest messages, oldest first. */
  readonly tail: readonly Message[]
  readonly position: Position
  /** How many records were read after the snapshot. */
  readonly recordsRead: number
}

/**
 * Loads a room from its newest usable snapshot and the records after it, or else from all records. `tracksPushes`: whether
 * the index remembers the pushes of each session. `bounds`: which messages are needed with their text.
 */
export async function loadRoom(
  log: RoomLog,
  room: string,
  tracksPushes: boolean,
  bounds: WindowBounds,
): Promise<LoadedRoom> {
  // A hold counts only if its messages fit one page: a page and one more message tell.
  const needed = { ...bounds, messages: Math.max(bounds.messages, PAGE_MESSAGES + 1) }
  const position = await log.head(room)
  // The records are the truth: a snapshot that cannot be loaded is not needed.
  const snapshot = await log.snapshots?.load(room).catch(() => undefined)
  const fromSnapshot = snapshot && RoomIndex.fromState(snapshot.state, tracksPushes)
  const index = fromSnapshot ?? new RoomIndex(tracksPushes)
  const { head } = index.sequence
  let tail = fromSnapshot ? await newestMessages(log, room, head, needed) : []
  let recordsRead = 0
  let unchecked = 0
  for await (const record of log.records(room, fromSnapshot && snapshot.position)) {
    index.apply(record)
    recordsRead++
    if (record.type !== 'message') continue
    tail.push(record.message)
    if (++unchecked < READ_MESSAGES) continue
    unchecked = 0
    tail = tail.slice(tail.length - fitting(tail, needed))
  }
  return { index, tail, position, recordsRead }
}

/**
 * Saves a snapshot of a room that no hub has open, unless fewer than `least` records follow its newest usable one.
 * `openSessions`: the ids of its sessions that have not ended.
 */
export async function saveRoomSnapshot(
  log: RoomLog,
  room: string,
  openSessions: ReadonlySet<string>,
  least: number,
): Promise<void> {
  const { index, position, recordsRead } = await loadRoom(log, room, true, { messages: 0, length: 0 })
  if (recordsRead >= least) await log.snapshots?.save(room, { position, state: index.state(openSessions) })
}

/** Reads the newest messages up to `head` that fit `bounds`, oldest first. */
async function newestMessages(log: RoomLog, room: string, head: Seq, bounds: WindowBounds): Promise<Message[]> {
  let messages: Message[] = []
  for (let first = head; first > 0 && fitting(messages, bounds) === messages.length; ) {
    const from = Math.max(first - READ_MESSAGES, 0)
    // Newer messages come with the records after the snapshot.
    const read = (await log.messages(room, from, first - from)).filter(({ seq }) => seq <= first)
    messages = [...read, ...messages]
    if (read.length === 0 || messages.length >= bounds.messages) break
    first = from
  }
  return messages.slice(messages.length - fitting(messages, bounds))
}
