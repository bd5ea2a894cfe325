import type { MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Monitor } from '../ports/monitor.ts'
import type { Policy } from '../ports/policy.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { Seq } from '../room/message.ts'
import type { SessionState } from '../session/evolve.ts'
import type { PersistedSession } from '../session/facts.ts'
import { nameKey } from './access/names.ts'
import { type CallRate, RateLimiter } from './access/rate-limit.ts'
import type { JoinResult } from './requests.ts'
import { BatchWriter } from './room/batch-writer.ts'
import type { RoomMembers } from './room-members.ts'
import { CallLog } from './session/call-log.ts'
import { Publisher } from './session/publisher.ts'
import { loadSessions, restoreStates } from './session/recovery.ts'
import { Session } from './session/session.ts'
import type { SessionOwner } from './session/session-deps.ts'
import { SessionWriter } from './session/session-writer.ts'

export interface SessionFactoryDeps {
  /** Id of the room log. */
  readonly log: string
  readonly durability: 'memory' | 'flushed'
  readonly sessionLog: SessionLog | undefined
  readonly clock: Clock
  readonly policy: Policy
  readonly monitor: Monitor
  readonly rateLimit: CallRate | undefined
  /** How long a hook of the policy may take, in milliseconds. */
  readonly hookTimeoutMs: number
  /** Snapshot interval per session, in facts. */
  readonly snapshotEvery: number
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
  /** Hash of its secret. */
  readonly secret?: string
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

  /** Reads the sessions of a room that opens, and gives the room its session writer. Resolves with the sessions. */
  async restore(members: RoomMembers): Promise<readonly Session[]> {
    const { sessionLog, log, clock, durability, failed } = this.#deps
    if (!sessionLog) return []
    const { room } = members
    const { sessions, position } = await loadSessions(sessionLog, room.name, log)
    members.sessionWriter = new BatchWriter({
      clock,
      durability: sessionLog.durability,
      position,
      append: (records, expected) => sessionLog.append(room.name, records, expected),
      failed,
    })
    const states = await restoreStates(sessions, room, durability)
    return [...states].map(([{ session, secret, opened, facts }, state]) => {
      const { session_id, sender_id } = session
      const restored = this.create(members, {
        joinResult: { session_id, token: '', room: room.name, sender_id, log, cursor: opened, ...members.terms },
        state,
        opened,
        // The log does not say what was shown: count everything as shown.
        shown: room.window.visible,
        persisted: session,
        written: facts.length,
        ...(secret !== undefined && { secret }),
      })
      restored.used = true
      return restored
    })
  }

  create(members: RoomMembers, input: SessionInput): Session {
    const { clock, policy, monitor, durability, rateLimit, hookTimeoutMs, owner } = this.#deps
    const { joinResult, state, shown, persisted, secret, legacy } = input
    const { session_id, sender_id: name } = joinResult
    const { room } = members
    const ignoresHolds = legacy === true
    const writer = ignoresHolds ? undefined : this.#writer(members, input, () => session)
    const callLog = new CallLog({
      session_id,
      room,
      state,
      readable: joinResult.cursor,
      shown,
      persist: fact => writer?.append(fact),
    })
    const rateLimiter = rateLimit && !ignoresHolds ? new RateLimiter(rateLimit, clock.monotonic()) : undefined
    const publisher = new Publisher({
      session_id,
      name,
      room,
      loopGuard: members.loopGuard,
      policy,
      clock,
      monitor,
      durability,
      rateLimiter,
      ignoresHolds,
      hookTimeoutMs,
      person: persisted.person === true,
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
      writeSnapshot: () => writer?.writeSnapshot(),
      ...(secret !== undefined && { secret }),
      ...(legacy && { legacy }),
    })
    members.sessions.set(nameKey(name), session)
    return session
  }

  #writer(
    { sessionWriter }: RoomMembers,
    { opened, written, secret }: SessionInput,
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
        secret,
        written,
        snapshotEvery,
      })
    )
  }
}
