import { setTimeout as sleep } from 'node:timers/promises'

/** Durations of the demo. Speed 1 is the pace of a quick typist and a quick reader. */
export interface Timing {
  /** Returns the time to type `characters`, in milliseconds. */
  typing(characters: number): number
  /** Converts a duration at speed 1 to this speed, in milliseconds. */
  scaled(ms: number): number
  /** Resolves after `ms` milliseconds. Rejects when the demo is aborted. */
  wait(ms: number): Promise<void>
}

const CHARACTERS_PER_SECOND = 70
/** The longest delay that Node.js timers accept. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

export const createTiming = (speed: number, signal: AbortSignal): Timing => ({
  typing: characters => (characters / CHARACTERS_PER_SECOND / speed) * 1000,
  scaled: ms => ms / speed,
  wait: ms => sleep(Math.min(ms, MAX_TIMEOUT_MS), undefined, { signal }),
})
