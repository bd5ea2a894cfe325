/**
 * What a log keeps of its messages. It removes older ones as it grows, as far as a snapshot of their room covers them. The
 * newest message of a room always stays.
 */
export interface Retention {
  /** Number of newest messages that each room keeps at least. */
  readonly messages?: number
  /** Keep messages younger than this at least, in milliseconds. */
  readonly age_ms?: number
  /** Maximum bytes of the messages of all rooms. Above it, the largest rooms lose their oldest messages first. */
  readonly bytes?: number
}

/** Removal goes down to this share of the maximum, so that it does not run again at each append. */
const TARGET = 15 / 16

/** Bytes of a room between two snapshots that retention asks for, and while the log is above its maximum. */
const [SNAPSHOT_BYTES, URGENT_SNAPSHOT_BYTES] = [2 ** 20, 2 ** 16]

/** Least bytes between two snapshots, as a multiple of the last one: snapshots stay a small share of what is written. */
const SNAPSHOT_SHARE = 8

/** Returns the size at which rooms are cut so that `sizes` fit into `bytes`: smaller rooms keep everything. */
export function roomLevel(sizes: readonly number[], bytes: number): number {
  let left = bytes * TARGET
  const ascending = Float64Array.from(sizes).sort()
  for (const [nth, size] of ascending.entries()) {
    const share = left / (ascending.length - nth)
    if (size > share) return share
    left -= size
  }
  return Number.POSITIVE_INFINITY
}

/** Sizes in bytes that tell whether retention needs a snapshot of a room. */
export interface SnapshotNeed {
  /** Of the room's records after its newest snapshot. */
  readonly fresh: number
  /** Of that snapshot. */
  readonly snapshot: number
  /** Of all rooms. */
  readonly total: number
}

/** Tells whether retention needs a snapshot of a room now. */
export function needsSnapshot(
  { messages, age_ms, bytes }: Retention,
  { fresh, snapshot, total }: SnapshotNeed,
): boolean {
  if (messages === undefined && age_ms === undefined && bytes === undefined) return false
  const isAbove = bytes !== undefined && total > bytes
  const interval = isAbove ? URGENT_SNAPSHOT_BYTES : Math.min(SNAPSHOT_BYTES, (bytes ?? Number.POSITIVE_INFINITY) / 16)
  return fresh >= Math.max(interval, SNAPSHOT_SHARE * snapshot)
}
