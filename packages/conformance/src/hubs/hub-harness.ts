import type { Clock, Policy, RoomLog, SessionLog, Support } from '@midsentence/core'
import type { Hub, SessionTimes } from '@midsentence/core/hub'

/** What a hub is opened with: core's `openHub` takes it as it is. */
export interface HubParts {
  readonly clock: Clock
  readonly log: RoomLog
  readonly sessions: SessionLog
  readonly policy: Policy
  readonly times: Partial<SessionTimes>
  /** So many texts stay in memory; small here, so that both ways of reading are taken. */
  readonly tail: number
  /** How often what was written is summed up. */
  readonly snapshotEvery: { readonly records: number; readonly facts: number }
}

/** A hub as it is held to the rules. */
export interface HubBench {
  /** Opens a hub; after a restart again, over the same logs. */
  open(parts: HubParts): Hub | Promise<Hub>
  /** Does it keep rooms and sessions in the logs it is given, so that it goes on over them? The only way to be excused. */
  readonly logs: Support
}

/** `HubParts` without logs of their own. */
export type HubPlace = Omit<HubParts, 'log' | 'sessions' | 'clock' | 'times'>
