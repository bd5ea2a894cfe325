import type { Snapshot } from '@midsentence/core'
import { roomRecordKey, snapshotKey } from './keys.ts'
import type { Parts } from './parts.ts'
import { type Place, placeOf } from './place.ts'
import { headOf, type RoomHead } from './room-head.ts'
import type { Kept } from './room-reader.ts'

/** A snapshot as it is kept: the `nth` of its room. Two are kept, so that one that is damaged is not missed. */
export interface KeptSnapshot extends Snapshot {
  readonly nth: number
}

/** The snapshots of `room` that belong to its log as it is, the newest first. */
export function snapshotsOf(parts: Pick<Parts, 'environment'>, room: string): KeptSnapshot[] {
  const head = headOf(parts, room)
  if (!head) return []
  const both = ([0, 1] as const).flatMap(which => read(parts, head.number, which) ?? [])
  return both.filter(({ position }) => fits(parts, head, placeOf(position))).sort((a, b) => b.nth - a.nth)
}

/** A snapshot is never the truth: one that cannot be read is none. */
function read({ environment }: Pick<Parts, 'environment'>, number: number, which: 0 | 1): KeptSnapshot | undefined {
  try {
    return environment.get(snapshotKey(number, which)) as KeptSnapshot | undefined
  } catch {
    return undefined
  }
}

/** Does the room stand there, or has it stood there, with all that follows still kept? */
function fits({ environment }: Pick<Parts, 'environment'>, head: RoomHead, place: Place | undefined): boolean {
  if (!place || place.position > head.position || place.position < head.first.position - 1) return false
  if (place.position < head.first.position) return true
  try {
    const kept = environment.get(roomRecordKey(head.number, place.seq, place.sub)) as Kept | undefined
    return kept?.[0] === place.position
  } catch {
    return false
  }
}
