import { setTimeout as sleep } from 'node:timers/promises'

/** How fast things are told: at speed 1, as a quick typist writes and a quick reader reads. */
export interface Timing {
  /** How long it takes to type so many characters, in milliseconds. */
  typing(characters: number): number
  /** So many milliseconds at speed 1, at this speed. */
  scaled(ms: number): number
  /** Waits. Rejects when the demo is stopped. */
  wait(ms: number): Promise<void>
}

const CHARACTERS_A_SECOND = 70

export const createTiming = (speed: number, signal: AbortSignal): Timing => ({
  typing: characters => (characters / CHARACTERS_A_SECOND / speed) * 1000,
  scaled: ms => ms / speed,
  wait: ms => sleep(Math.min(ms, 2 ** 31 - 1), undefined, { signal }),
})
