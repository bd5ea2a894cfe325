import type { Position, RoomLog } from '../../ports/room-log.ts'
import type { Message } from '../../room/message.ts'
import { PAGE_MESSAGES } from '../../room/page.ts'
import { RoomIndex } from './room-index.ts'

/** What a room starts with. */
export interface LoadedRoom {
  readonly index: RoomIndex
  /** Its newest messages, oldest first. */
  readonly tail: readonly Message[]
  readonly position: Position
}

/**
 * Loads a room from its newest usable snapshot and the records after it, or else from all records. `tracksPushes`: whether
 * the index remembers the pushes of each session. `tailSize`: how many messages are needed with their text.
 */
export async function loadRoom(
  log: RoomLog,
  room: string,
  tracksPushes: boolean,
  tailSize: number,
): Promise<LoadedRoom> {
  // A hold counts only if its messages fit one page: a page and one more message tell.
  const size = Math.max(tailSize, PAGE_MESSAGES + 1)
  const position = await log.head(room)
  // The records are the truth: a snapshot that cannot be loaded is not needed.
  const snapshot = await log.snapshots?.load(room).catch(() => undefined)
  const fromSnapshot = snapshot && RoomIndex.fromState(snapshot.state, tracksPushes)
  const index = fromSnapshot ?? new RoomIndex(tracksPushes)
  const { head } = index.sequence
  let tail = fromSnapshot ? [...(await log.messages(room, Math.max(0, head - size), size))] : []
  // Newer messages come with the records after the snapshot.
  tail = tail.filter(({ seq }) => seq <= head)
  for await (const record of log.records(room, fromSnapshot && snapshot.position)) {
    index.apply(record)
    if (record.type !== 'message') continue
    tail.push(record.message)
    if (tail.length > 2 * size) tail = tail.slice(-size)
  }
  return { index, tail, position }
}
