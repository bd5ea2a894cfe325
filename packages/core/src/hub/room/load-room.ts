import type { Position, RoomLog } from '../../ports/room-log.ts'
import type { Message } from '../../room/message.ts'
import { PAGE_MESSAGES } from '../../room/page.ts'
import { RoomIndex } from './room-index.ts'

/** What a room begins with. */
export interface LoadedRoom {
  readonly index: RoomIndex
  /** Its newest messages, up to the head. */
  readonly tail: readonly Message[]
  readonly position: Position
}

/**
 * Reads a room's log: behind its newest snapshot where there is one that can be read, else all of it. `remembers`:
 * whether it is asked later what became of a session's pushes. `wanted`: so many texts are wanted at least.
 */
export async function loadRoom(log: RoomLog, room: string, remembers: boolean, wanted: number): Promise<LoadedRoom> {
  // What fits one page, and one more, tells whether a hold counts.
  const kept = Math.max(wanted, PAGE_MESSAGES + 1)
  const position = await log.head(room)
  // A snapshot is never the truth: one that cannot be had is not needed.
  const snapshot = await log.snapshots?.load(room).catch(() => undefined)
  const known = snapshot && RoomIndex.fromState(snapshot.state, remembers)
  const ledger = known ?? new RoomIndex(remembers)
  const { head } = ledger.sequence
  let tail = known ? [...(await log.messages(room, Math.max(0, head - kept), kept))] : []
  // What is newer than the snapshot comes with its record.
  tail = tail.filter(({ seq }) => seq <= head)
  for await (const record of log.records(room, known && snapshot.position)) {
    ledger.apply(record)
    if (record.type !== 'message') continue
    tail.push(record.message)
    if (tail.length > 2 * kept) tail = tail.slice(-kept)
  }
  return { index: ledger, tail, position }
}
