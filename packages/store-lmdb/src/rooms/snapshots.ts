import type { Snapshot } from '@midsentence/core'
import { snapshotKey } from '../storage/keys.ts'
import type { ReadContext } from '../storage/store-context.ts'
import { type RoomHead, readHead } from './room-head.ts'
import { parsePosition, type RoomPosition } from './room-position.ts'
import { findRecord } from './room-rows.ts'

/** A snapshot as stored. A room has two, so that one is left if the other is damaged. */
export interface StoredSnapshot extends Snapshot {
  /** Counts the snapshots of a room; the higher of two is newer. */
  readonly generation: number
}

/** The slot for a generation: the new snapshot replaces the older of two. */
export const snapshotSlot = (generation: number): 0 | 1 => (generation % 2 === 0 ? 0 : 1)

/** Returns the snapshots that match the log of `room`, newest first. */
export function readSnapshots(context: ReadContext, room: string): StoredSnapshot[] {
  const head = readHead(context, room)
  if (!head) return []
  const both = ([0, 1] as const).flatMap(slot => readSlot(context, head.number, slot) ?? [])
  return both
    .filter(({ position }) => matchesLog(context, head, parsePosition(position)))
    .sort((a, b) => b.generation - a.generation)
}

/** Treats a damaged snapshot as absent: the log has all that it says. */
function readSlot({ environment }: ReadContext, number: number, slot: 0 | 1): StoredSnapshot | undefined {
  try {
    return environment.get(snapshotKey(number, slot)) as StoredSnapshot | undefined
  } catch {
    return undefined
  }
}

/** Tells whether `at` is a position of this log, and every later record is still kept. */
function matchesLog(context: ReadContext, head: RoomHead, at: RoomPosition | undefined): boolean {
  if (!at || at.position > head.position || at.position < head.first.position - 1) return false
  if (at.position < head.first.position) return true
  try {
    return findRecord(context, head, at)?.position === at.position
  } catch {
    return false
  }
}
