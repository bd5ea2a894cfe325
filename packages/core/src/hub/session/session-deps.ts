import type { DraftEvent } from '../../draft/events.ts'
import type { Monitor } from '../../ports/monitor.ts'
import type { RateLimiter } from '../access/rate-limit.ts'
import type { HubBounds } from '../bounds.ts'
import type { JoinResult, RoomListener, WhoResult } from '../requests.ts'
import type { Room } from '../room/room.ts'
import type { CallLog } from './call-log.ts'
import type { PersistedIdentityDeps } from './persisted-identity.ts'
import type { Publisher } from './publisher.ts'

/** What a session is made of; `S` is the session itself. */
export interface SessionDeps<S> extends PersistedIdentityDeps {
  readonly joinResult: JoinResult
  readonly room: Room
  readonly callLog: CallLog
  readonly publisher: Publisher
  readonly owner: SessionOwner<S>
  readonly monitor: Monitor
  readonly bounds: HubBounds
  readonly legacy?: true
  readonly rateLimiter: RateLimiter | undefined
}

/** What a session needs of its hub. */
export interface SessionOwner<S> {
  who(room: Room): WhoResult
  /** Tells a new listener who is here. */
  greet(room: Room, listener: RoomListener): void
  /** Silences the models of a room, or lets them send again. Returns whether that changed. Throws if it is no person. */
  hush(session: S, on: boolean): boolean
  /** Called at each sign of life. Throws `room-unavailable` if the session lapsed and the room is full now. */
  active(session: S): void
  /** Called in a recorded room after each call: its answer may have given messages. */
  answered(session: S): void
  /** Called when the last call or stream has ended. */
  idle(session: S): void
  /** Called with what happened to the draft, for observers. */
  draftChanged(session: S, facts: readonly DraftEvent[], whole: boolean): void
  /** Called at each change of the draft. `elsewhere`: whether its author writes one that is kept elsewhere. */
  wrote(session: S, elsewhere?: boolean): void
  /** Resolves once the end of the session is written. */
  left(session: S, reason: string): Promise<void>
}
