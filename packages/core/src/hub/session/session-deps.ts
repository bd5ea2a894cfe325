import type { DraftEvent } from '../../draft/events.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Monitor } from '../../ports/monitor.ts'
import type { PersistedSession } from '../../session/facts.ts'
import type { RateLimiter } from '../access/rate-limit.ts'
import type { JoinResult, WhoResult } from '../requests.ts'
import type { Room } from '../room/room.ts'
import type { CallLog } from './call-log.ts'
import type { Publisher } from './publisher.ts'

/** What a session is made of; `S` is the session itself. */
export interface SessionDeps<S> {
  readonly joinResult: JoinResult
  readonly room: Room
  readonly callLog: CallLog
  readonly publisher: Publisher
  readonly clock: Clock
  readonly owner: SessionOwner<S>
  readonly monitor: Monitor
  /** The session as its log has it. */
  readonly persisted: PersistedSession
  /** Writes a snapshot. Undefined where the session is not kept. */
  writeSnapshot(): Promise<void> | undefined
  /** Hash of the secret. */
  readonly secret?: string
  readonly legacy?: true
  readonly rateLimiter: RateLimiter | undefined
}

/** What a session needs of its hub. */
export interface SessionOwner<S> {
  who(room: Room): WhoResult
  /** Called at each sign of life. */
  active(session: S): void
  /** Called when the last call or stream has ended. */
  idle(session: S): void
  /** Called with what happened to the draft, for observers. */
  draftChanged(session: S, facts: readonly DraftEvent[], whole: boolean): void
  /** Resolves once the end of the session is written. */
  left(session: S, reason: string): Promise<void>
}
