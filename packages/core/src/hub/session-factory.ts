import type { Clock } from '../ports/clock.ts'
import type { Monitor } from '../ports/monitor.ts'
import type { Policy } from '../ports/policy.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { Durability } from '../ports/transport.ts'
import type { Seq } from '../room/message.ts'
import type { SessionState } from '../session/evolve.ts'
import type { PersistedSession, SessionFact } from '../session/facts.ts'
import { nameKey } from './access/names.ts'
import { type CallRate, RateLimiter } from './access/rate-limit.ts'
import type { JoinResult } from './requests.ts'
import type { RoomMembers } from './room-members.ts'
import { CallLog } from './session/call-log.ts'
import { Publisher } from './session/publisher.ts'
import { Session } from './session/session.ts'
import type { SessionOwner } from './session/session-deps.ts'
import { SessionWriter } from './session/session-writer.ts'

export interface SessionFactoryDeps {
  readonly sessions: SessionLog | undefined
  readonly clock: Clock
  readonly policy: Policy
  readonly monitor: Monitor
  readonly durability: Durability
  readonly rateLimit: CallRate | undefined
  readonly hooks_ms: number
  /** So many facts are written of a session before it stands for itself. */
  readonly facts: number
  readonly owner: SessionOwner
  failed(cause: unknown): never
}

/** Who sits down, and what is known of it. */
export interface SessionInput {
  readonly joinResult: JoinResult
  readonly state: SessionState
  /** The highest seq it was shown. */
  readonly shown: Seq
  /** How it is kept. */
  readonly persisted: PersistedSession
  /** The proof of its secret. */
  readonly secret?: string
  readonly opened: Seq
  /** How many facts its log has of it. */
  readonly written: number
  readonly legacy?: true
}

/** Gives those who come in their seats. */
export class SessionFactory {
  readonly #deps: SessionFactoryDeps

  constructor(parts: SessionFactoryDeps) {
    this.#deps = parts
  }

  create(place: RoomMembers, sitting: SessionInput): Session {
    const { clock, policy, monitor, durability, rateLimit, hooks_ms, owner } = this.#deps
    const { joinResult, state, shown, persisted, secret, legacy } = sitting
    const { session_id, sender_id: name } = joinResult
    const { room } = place
    const free = legacy === true
    const writer = free
      ? undefined
      : this.#writer(
          sitting,
          () => seat.persisted,
          () => book.state,
        )
    const keep = (fact: SessionFact) => writer?.append(fact)
    const book: CallLog = new CallLog({ session_id, room, state, readable: joinResult.cursor, shown, persist: keep })
    const budget = rateLimit && !free ? new RateLimiter(rateLimit, clock.monotonic()) : undefined
    const person = persisted.person === true
    const speaker = new Publisher({
      ...{
        session_id,
        name,
        room,
        members: place,
        policy,
        clock,
        monitor,
        durability,
        rateLimiter: budget,
        ignoresHolds: free,
        hooks_ms,
        person,
      },
    })
    const seat: Session = new Session({
      ...{
        joinResult,
        room,
        callLog: book,
        publisher: speaker,
        clock,
        monitor,
        rateLimiter: budget,
        persisted,
        owner,
      },
      writeSnapshot: () => writer?.writeSnapshot(),
      ...(secret !== undefined && { secret }),
      ...(legacy && { legacy }),
    })
    place.sessions.set(nameKey(name), seat)
    return seat
  }

  #writer(
    { opened, written, secret }: SessionInput,
    session: () => PersistedSession,
    state: () => SessionState,
  ): SessionWriter | undefined {
    const { sessions: log, facts, failed } = this.#deps
    return log && new SessionWriter({ log, session, opened, secret, written, facts, state, failed })
  }
}
