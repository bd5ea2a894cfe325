import type { ScoreRecord } from './records.ts'

/** What a log needs of a group of records to trim it. */
export interface ScoreGroup {
  /** When its last record happened, in milliseconds since 1970. */
  readonly until: number
  readonly bytes: number
  /** Its first record is a `state`: what follows can be read without what was before. */
  readonly isStart: boolean
}

/** Describes a group that is `bytes` long. */
export const groupOf = (records: readonly ScoreRecord[], bytes: number): ScoreGroup => ({
  until: Date.parse(records.at(-1)!.at),
  bytes,
  isStart: records[0]!.type === 'state',
})

/**
 * Returns how many of the oldest `groups` go, where the newest record happened at `newest`: as many as are older than
 * `before` and are followed by a `state`, or by nothing.
 */
export function cutByTime(groups: readonly ScoreGroup[], newest: number, before: number): number {
  if (newest < before) return groups.length
  const cut = groups.findLastIndex(({ isStart }, nth) => isStart && nth > 0 && groups[nth - 1]!.until < before)
  return Math.max(cut, 0)
}

/** Returns how many of the oldest `groups` go so that at most `bytes` stay, and what stays begins with a `state`. */
export function cutBySize(groups: readonly ScoreGroup[], bytes: number): number {
  let left = groups.reduce((sum, group) => sum + group.bytes, 0)
  for (const [nth, group] of groups.entries()) {
    if (left <= bytes && (nth === 0 || group.isStart)) return nth
    left -= group.bytes
  }
  return groups.length
}
