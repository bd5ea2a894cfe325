import { HOOK_MS_PER_POINT } from './rate-limit.ts'

/**
 * What a call costs, in points. One point is about the work of one append; the rates of sessions and addresses are points
 * per second. What is known beforehand is taken before a call runs, the rest is charged afterwards.
 */
export const callCosts = {
  /** One call; a session's own rate counts it too. */
  call: 1,
  /** A join creates a session, hashes a secret and may open a room: about two appends. */
  join: 2,
  /** Characters of a request per point. */
  charactersIn: 4 * 1024,
  /** Characters of an answer per point. */
  charactersOut: 16 * 1024,
  /** Milliseconds that a hook of the policy took, per point. */
  hookMs: HOOK_MS_PER_POINT,
} as const

/** A budget of points that calls are paid from, for example that of an address. */
export interface CallBudget {
  /**
   * Takes `points` before the work. Resolves with 0, or with the milliseconds until they are there. `anonymous`: the caller
   * has no session.
   */
  take(points: number, anonymous: boolean): Promise<number>
  /** Takes `points` after the work, of which the budget may be short: then it is in debt. */
  charge(points: number): void
}

/** Returns the points of the characters of a request. */
export const requestCost = (characters: number): number => characters / callCosts.charactersIn

/** Returns the points of an answer, charged once it is known. */
export const answerCost = (characters: number): number => characters / callCosts.charactersOut
