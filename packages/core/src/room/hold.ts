import type { Seq } from './message.ts'

/** The consecutive holds of a participant. */
export interface HoldStreak {
  readonly count: number
  /** The newest message that caused a counted hold. */
  readonly newest: Seq
}

export const noStreak: HoldStreak = { count: 0, newest: 0 }

/**
 * Returns the streak after a hold. A hold counts if it was caused by a message newer than at the last counted hold. An
 * answer that could not show everything (`more`) does not count, since its reader could not read to the end.
 */
export const countHold = (streak: HoldStreak, newest: Seq, more: boolean): HoldStreak =>
  more || newest <= streak.newest ? streak : { count: streak.count + 1, newest }

/** Returns the streak after a wait for another participant's floor that timed out. */
export const countWait = (streak: HoldStreak): HoldStreak => ({
  count: streak.count + 1,
  newest: streak.newest,
})
