import type { MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Monitor } from '../ports/monitor.ts'
import type { Policy } from '../ports/policy.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { LogDurability, Seq } from '../room/message.ts'
import type { SessionState } from '../session/evolve.ts'
import type { PersistedSession } from '../session/facts.ts'
import { type CallRate, RateLimiter } from './access/rate-limit.ts'
import type { HubBounds } from './bounds.ts'
import type { JoinResult } from './requests.ts'
import { BatchWriter } from './room/batch-writer.ts'
import type { RoomMembers } from './room-members.ts'
import { CallLog } from './session/call-log.ts'
import { Publisher } from './session/publisher.ts'
import { type LoadedSessions, loadSessions, restoreStates } from './session/recovery.ts'
import { Session } from './session/session.ts'
import type { SessionOwner } from './session/session-deps.ts'
import { SessionWriter } from './session/session-writer.ts'

export interface SessionFactoryDeps {
  /** Id of the room log. */
  readonly log: string
  readonly durability: LogDurability
  readonly sessionLog: SessionLog | undefined
  readonly clock: Clock
  readonly policy: Policy
  readonly monitor: Monitor
  readonly rateLimit: CallRate | undefined
  /** How long a hook of the policy may take, in milliseconds. */
  readonly hookTimeoutMs: number
  /** Snapshot interval per session, in facts. */
  readonly snapshotEvery: number
  readonly bounds: HubBounds
  readonly owner: SessionOwner<Session>
  /** Called when the session log fails. Returns the error that waiting calls get. */
  failed(cause: unknown): MidsentenceError
}

/** Input for creating a session. */
export interface SessionInput {
  readonly joinResult: JoinResult
  readonly state: SessionState
  /** The highest seq it was shown. */
  readonly shown: Seq
  readonly persisted: PersistedSession
  /** Where its reading began. */
  readonly opened: Seq
  /** How many facts of it are in the session log. */
  readonly written: number
  readonly legacy?: true
}

/** Creates the sessions of a hub: new ones, and those that a session log has. */
export class SessionFactory {
  readonly #deps: SessionFactoryDeps

  constructor(deps: SessionFactoryDeps) {
    this.#deps = deps
  }

  /**
   * Reads the sessions of a room that opens, unless they are `loaded`, and gives the room its session writer. Resolves
   * with the sessions.
   */
  async restore(members: RoomMembers, loaded?: LoadedSessions): Promise<readonly Session[]> {
    const { sessionLog, log, clock, durability, failed } = this.#deps
    if (!sessionLog) return []
    const { room } = members
    const { sessions, position } = loaded ?? (await loadSessions(sessionLog, room.name, log))
    members.sessionWriter = new BatchWriter({
      clock,
      durability: sessionLog.durability,
      position,
      append: (records, expected) => sessionLog.append(room.name, records, expected),
      failed,
    })
    const states = restoreStates(sessions, room, durability)
    return [...states].map(([{ session, opened, facts }, state]) => {
      const { session_id, sender_id } = session
      const restored = this.create(members, {
        joinResult: {
          ...{ session_id, token: '', room: room.name, sender_id, log, cursor: opened },
          ...(session.head !== undefined && { head: session.head }),
          ...members.terms,
        },
        state,
        opened,
        // The log does not say what was shown: count everything as shown.
        shown: room.window.visible,
        persisted: session,
        written: facts.length,
      })
      restored.used = true
      if (session.used_at !== undefined) restored.last -= Math.max(0, clock.now() - session.used_at)
      if (!restored.away) members.presence(restored, true)
      return restored
    })
  }

  create(members: RoomMembers, input: SessionInput): Session {
    const { clock, policy, monitor, durability, rateLimit, hookTimeoutMs, owner, bounds } = this.#deps
    const { joinResult, state, shown, persisted, legacy } = input
    const { session_id } = joinResult
    const { room } = members
    const ignoresHolds = legacy === true
    const writer = ignoresHolds ? undefined : this.#writer(members, input, () => session)
    const callLog = new CallLog({
      session_id,
      room,
      state,
      readable: joinResult.cursor,
      head: persisted.head ?? 0,
      shown,
      persist: fact => writer?.append(fact),
    })
    const rateLimiter = rateLimit && !ignoresHolds ? new RateLimiter(rateLimit, clock.monotonic()) : undefined
    const publisher = new Publisher({
      session_id,
      name: () => session.joinResult.sender_id,
      room,
      loopGuard: members.loopGuard,
      policy,
      clock,
      monitor,
      durability,
      rateLimiter,
      ignoresHolds,
      hookTimeoutMs,
      isPerson: () => session.persisted.person === true,
    })
    const session: Session = new Session({
      joinResult,
      room,
      callLog,
      publisher,
      clock,
      monitor,
      rateLimiter,
      persisted,
      owner,
      bounds,
      persist: fact => writer?.append(fact),
      writeSnapshot: () => writer?.writeSnapshot(),
      ...(legacy && { legacy }),
    })
    members.add(session)
    return session
  }

  #writer(
    { sessionWriter }: RoomMembers,
    { opened, written }: SessionInput,
    session: () => Session,
  ): SessionWriter | undefined {
    const { snapshotEvery } = this.#deps
    return (
      sessionWriter &&
      new SessionWriter({
        append: record => sessionWriter.append(record),
        session: () => session().persisted,
        state: () => session().state,
        opened,
        written,
        snapshotEvery,
      })
    )
  }
}
