import type { Seq } from './message.ts'

/** A participant's holds in a row. */
export interface HoldStreak {
  readonly count: number
  /** The newest message that a counted hold was caused by. */
  readonly newest: Seq
}

export const noStreak: HoldStreak = { count: 0, newest: 0 }

/**
 * The row after a hold. It counts when a message newer than at the last counted hold caused it; an answer that could
 * not show everything (`more`) counts neither way, since its reader could not have read to the end.
 */
export const countHold = (row: HoldStreak, newest: Seq, more: boolean): HoldStreak =>
  more || newest <= row.newest ? row : { count: row.count + 1, newest }

/** The row after a wait for somebody's floor ran out. */
export const countWait = (row: HoldStreak): HoldStreak => ({ count: row.count + 1, newest: row.newest })
