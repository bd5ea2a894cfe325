import type { DraftEvent } from '../../draft/events.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Monitor } from '../../ports/monitor.ts'
import type { PersistedSession } from '../../session/facts.ts'
import type { RateLimiter } from '../access/rate-limit.ts'
import type { JoinResult, WhoResult } from '../requests.ts'
import type { Room } from '../room/room.ts'
import type { CallLog } from './call-log.ts'
import type { Publisher } from './publisher.ts'
import type { Session } from './session.ts'

/** What a seat is made of. */
export interface SessionDeps {
  readonly joinResult: JoinResult
  readonly room: Room
  readonly callLog: CallLog
  readonly publisher: Publisher
  readonly clock: Clock
  readonly owner: SessionOwner
  readonly monitor: Monitor
  /** How it is kept. */
  readonly persisted: PersistedSession
  /** Writes all that it came to. */
  writeSnapshot(): Promise<void> | undefined
  /** The proof of the secret it is reached again by. */
  readonly secret?: string
  readonly legacy?: true
  readonly rateLimiter: RateLimiter | undefined
}

/** What a seat asks of the hub it is in. */
export interface SessionOwner {
  who(room: Room): WhoResult
  /** Something shows that this seat is here. */
  active(seat: Session): void
  /** A call or a stream of it ended: from now on time counts. */
  idle(seat: Session): void
  /** Its draft changed: whoever watches is told. */
  draftChanged(seat: Session, facts: readonly DraftEvent[], whole: boolean): void
  left(seat: Session, reason: string): Promise<void>
}
