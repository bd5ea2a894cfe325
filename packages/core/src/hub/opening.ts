import type { Position, RoomLog } from '../ports/room-log.ts'
import type { Message } from '../room/message.ts'
import { PAGE_MESSAGES } from '../room/page.ts'
import { Ledger } from './ledger.ts'

/** What a room begins with. */
export interface Opening {
  readonly ledger: Ledger
  /** Its newest messages, up to the head. */
  readonly tail: readonly Message[]
  readonly position: Position
}

/**
 * Reads a room's log: behind its newest snapshot where there is one that can be read, else all of it. `remembers`:
 * whether it is asked later what became of a session's pushes. `wanted`: so many texts are wanted at least.
 */
export async function openLog(log: RoomLog, room: string, remembers: boolean, wanted: number): Promise<Opening> {
  // What fits one page, and one more, tells whether a hold counts.
  const kept = Math.max(wanted, PAGE_MESSAGES + 1)
  const position = await log.head(room)
  // A snapshot is never the truth: one that cannot be had is not needed.
  const snapshot = await log.snapshots?.load(room).catch(() => undefined)
  const known = snapshot && Ledger.of(snapshot.state, remembers)
  const ledger = known ?? new Ledger(remembers)
  const { head } = ledger.sequence
  let tail = known ? [...(await log.messages(room, Math.max(0, head - kept), kept))] : []
  // What is newer than the snapshot comes with its record.
  tail = tail.filter(({ seq }) => seq <= head)
  for await (const record of log.records(room, known && snapshot.position)) {
    ledger.heard(record)
    if (record.type !== 'message') continue
    tail.push(record.message)
    if (tail.length > 2 * kept) tail = tail.slice(-kept)
  }
  return { ledger, tail, position }
}
