import type { MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Monitor } from '../ports/monitor.ts'
import type { Policy } from '../ports/policy.ts'
import type { RoomLog } from '../ports/room-log.ts'
import type { ScoreLog } from '../ports/score-log.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { CallRate } from './access/rate-limit.ts'
import type { HubBounds } from './bounds.ts'
import type { SessionTimes } from './lifetime/session-expiry.ts'

export interface HubOptions {
  /** Where messages are kept. The caller closes it, after the hub. Default: in memory. */
  readonly log?: RoomLog
  /** Where drafts, cursors and remembered answers are kept. The caller closes it. Default: only in the hub. */
  readonly sessions?: SessionLog
  /** Where the scores of recorded rooms are kept. The caller closes it, after the hub. Default: in memory. */
  readonly scores?: ScoreLog
  /** How long a score is kept, in milliseconds; up to a 24th of it longer. Default one day. */
  readonly score_keep_ms?: number
  readonly clock?: Clock
  readonly policy?: Policy
  readonly times?: Partial<SessionTimes>
  /** How much the hub keeps in memory at once. */
  readonly bounds?: Partial<HubBounds>
  /** How many of a room's newest messages stay in memory with their text; older ones are read from the log. Default 1000. */
  readonly tail?: number
  /** How many characters of a room's messages stay in memory at most. Default 1,048,576. */
  readonly tailLength?: number
  /**
   * Called once, when a log cannot write. From then on the room, or with the session log the whole hub, rejects every
   * call, since it does not know what the log holds. Close the hub and open another over the same logs. Must not throw.
   */
  readonly onFailure?: (error: MidsentenceError) => void
  /** Snapshot intervals: per room in `records` (default 10,000), per session in `facts` (default 1000). */
  readonly snapshotEvery?: { readonly records?: number; readonly facts?: number }
  /** How many calls a session may make. Does not limit pushes of the participant with the floor. Default: no limit. */
  readonly rateLimit?: CallRate
  /** How long a hook of the policy may take, in milliseconds. Default 2000. */
  readonly hook_timeout_ms?: number
  /** Counts what happens. Default: none. */
  readonly monitor?: Monitor
  /** Returns 256 random bits without dots, for tokens and ids. Default: from the system; a simulation gives its own. */
  readonly newToken?: () => string
}
