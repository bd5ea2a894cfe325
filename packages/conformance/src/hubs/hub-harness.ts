import type { Clock, Policy, RoomLog, SessionLog, Support } from '@midsentence/core'
import type { Hub, SessionTimes } from '@midsentence/core/hub'

/** Options that a hub is opened with. Core's `openHub` takes them as they are. */
export interface HubParts {
  readonly clock: Clock
  readonly log: RoomLog
  readonly sessions: SessionLog
  readonly policy: Policy
  readonly times: Partial<SessionTimes>
  /** How many messages stay in memory. It varies, so that reads are tried from memory and from the log. */
  readonly tail: number
  /** How often snapshots are written. */
  readonly snapshotEvery: { readonly records: number; readonly facts: number }
}

/** Opens the hub that is checked. */
export interface HubHarness {
  /** Opens a hub. After a restart it is called again with the same logs. */
  open(parts: HubParts): Hub | Promise<Hub>
  /** Whether the hub stores rooms and sessions in the given logs. If not, a reason: the rule about restarts is skipped. */
  readonly logs: Support
  /** Lets everything arrive that is on its way. Absent: chains of up to 50 promises. */
  settle?(): Promise<void>
}

/** The options of a hub that a run of random calls varies. */
export type HubRunSettings = Omit<HubParts, 'log' | 'sessions' | 'clock' | 'times'>
