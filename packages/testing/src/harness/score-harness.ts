import { defaultPolicy, MidsentenceError, type Policy, type ScoreLog, type ScoreRecord } from '@midsentence/core'
import type { Hub, ScoreListener } from '@midsentence/core/hub'
import { memoryScores } from '@midsentence/core/hub'
import { type HubHarnessOptions, newHub } from './hub-harness.ts'

/** A policy whose rooms are recorded. */
export const recordedRooms: Policy = { ...defaultPolicy, access: () => ({ observable: true, recorded: true }) }

/** The room of server harnesses that is observable, recorded and listed. */
export const RECORDED = 'recorded'

/** A policy with one recorded room. */
export const oneRecordedRoom: Policy = {
  ...defaultPolicy,
  access: room => (room === RECORDED ? { observable: true, recorded: true, listed: true } : {}),
}

/** Milliseconds after which everything recorded is in the log. */
export const GROUP_MS = 50

export interface RecordedScore extends ScoreListener {
  readonly seen: ScoreRecord[]
  readonly missing: [number, number][]
  reason: string | undefined
  /** What `records` returns. False pauses the watch. */
  open: boolean
}

/** Makes a listener that keeps the records it receives. */
export function recordScore(): RecordedScore {
  const score: RecordedScore = {
    seen: [],
    missing: [],
    reason: undefined,
    open: true,
    records(batch) {
      score.seen.push(...batch)
      return score.open
    },
    missed: (from, to) => void score.missing.push([from, to]),
    ended: reason => {
      score.reason = reason
    },
  }
  return score
}

/** Opens a hub whose rooms are recorded in `scores`. */
export async function recordingHub(options: HubHarnessOptions & { readonly scores?: ScoreLog } = {}) {
  const scores = options.scores ?? memoryScores()
  const harness = await newHub({ policy: recordedRooms, ...options, scores })
  return {
    ...harness,
    scores,
    /** Lets everything be written, and returns the records of the lobby. */
    async records(): Promise<readonly ScoreRecord[]> {
      await harness.clock.advance(GROUP_MS)
      return scores.read('lobby', 0, 10_000)
    },
    async watch(from?: number, hub: Hub = harness.hub) {
      const score = recordScore()
      const subscription = await hub.watch!({ room: 'lobby', ...(from !== undefined && { from }) }, score)
      subscription.resume()
      return Object.assign(score, { subscription })
    },
  }
}

/** A score log whose writes fail, or wait, while `state` says so. */
export function faultyScores() {
  const scores = memoryScores()
  const state = { fails: false, hold: undefined as Promise<void> | undefined }
  const log: ScoreLog = {
    ...scores,
    async append(room, group) {
      await state.hold
      if (state.fails) throw new MidsentenceError('unavailable', 'The disk is full.')
      return scores.append(room, group)
    },
  }
  return { log, state }
}
