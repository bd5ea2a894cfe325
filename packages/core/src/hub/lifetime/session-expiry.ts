import type { Clock } from '../../ports/clock.ts'
import type { PersistedSession } from '../../session/facts.ts'
import type { Session } from '../session/session.ts'
import { DeadlineQueue } from './deadline-queue.ts'

/** When sessions expire and rooms leave memory, in milliseconds. */
export interface SessionTimes {
  /** Shown as away after this time without a stream or call. Default 30 s. */
  readonly away_ms: number
  /** Others may take its name and its place this long after it is away. Default 60 s. */
  readonly lapse_ms: number
  /** A session that was never used expires after this time. Default 60 s. */
  readonly unused_ms: number
  /** A session expires this long after it was last active. Default one day. */
  readonly session_ms: number
  /** A participant is shown as writing for this time after its draft changed. Default 60 s. */
  readonly writing_ms: number
  /** A room without participants leaves memory after this time. It opens again from its log. Default 60 s. */
  readonly room_idle_ms: number
}

export const defaultTimes: SessionTimes = {
  away_ms: 30_000,
  lapse_ms: 60_000,
  unused_ms: 60_000,
  session_ms: 24 * 60 * 60 * 1000,
  writing_ms: 60_000,
  room_idle_ms: 60_000,
}

/** What to do with sessions. */
export interface ExpiryEvents {
  /** Called when a session is away. */
  away(session: Session): void
  /** Called when others may take the name and the place of a session. */
  lapsed(session: Session): void
  /** Called when a session has expired. */
  expired(session: Session): void
}

/** Finds sessions that are away, have lapsed or have expired. */
export class SessionExpiry {
  readonly #clock: Clock
  readonly #times: SessionTimes
  readonly #events: ExpiryEvents
  readonly #deadlines: DeadlineQueue<Session>

  constructor(clock: Clock, times: SessionTimes, events: ExpiryEvents) {
    this.#clock = clock
    this.#times = times
    this.#events = events
    this.#deadlines = new DeadlineQueue(clock, (session, now) => this.#expireDue(session, now))
  }

  /** Tells whether a session has expired. */
  hasExpired(session: Session): boolean {
    const now = this.#clock.monotonic()
    return session.until <= now || (!session.isBusy && this.#expiresAt(session) <= now)
  }

  /** Tells whether another participant may take the name of a session. */
  hasLapsed(session: Session): boolean {
    return !session.isBusy && this.#lapsesAt(session) <= this.#clock.monotonic()
  }

  /** Lets a session go whose name others may take. Returns false if it keeps its name. */
  release(session: Session): boolean {
    const isOver = session.legacy ? this.hasLapsed(session) : this.hasExpired(session)
    if (!isOver && !this.hasLapsed(session)) return false
    if (isOver) this.#events.expired(session)
    else this.#events.lapsed(session)
    return true
  }

  /** Calls `events` when the next moment of `session` comes. */
  watch(session: Session): void {
    this.#deadlines.schedule(session, this.#nextMomentOf(session))
  }

  /** Calls `events` no more for a session. */
  forget(session: Session): void {
    this.#deadlines.remove(session)
  }

  /** Returns when a session that is not in use ends, on the monotonic clock. */
  endOf(session: Session): number {
    return Math.min(this.#expiresAt(session), session.until)
  }

  /** Returns when a lapsed session ends, by what its log has of it. */
  endOfLapsed({ used_at, until = Number.POSITIVE_INFINITY }: PersistedSession): number {
    const now = this.#clock.now()
    const end = Math.min(Math.min(used_at ?? now, now) + this.#times.session_ms, until)
    return end - now + this.#clock.monotonic()
  }

  close(): void {
    this.#deadlines.close()
  }

  #expireDue(session: Session, now: number): number {
    if (this.hasExpired(session)) {
      this.#events.expired(session)
      return Number.POSITIVE_INFINITY
    }
    if (!session.isBusy) {
      if (!session.away && this.#awayAt(session) <= now) {
        session.away = true
        this.#events.away(session)
      }
      // Legacy clients may be silent for hours: they keep their name unless another participant wants it.
      if (!session.lapsed && !session.legacy && this.#lapsesAt(session) <= now) this.#events.lapsed(session)
    }
    return this.#nextMomentOf(session)
  }

  #nextMomentOf(session: Session): number {
    if (session.isBusy) return session.until
    const end = this.endOf(session)
    if (!session.away) return Math.min(this.#awayAt(session), end)
    return session.lapsed || session.legacy ? end : Math.min(this.#lapsesAt(session), end)
  }

  #awayAt({ last }: Session): number {
    return last + this.#times.away_ms
  }

  #lapsesAt({ last }: Session): number {
    return last + this.#times.away_ms + this.#times.lapse_ms
  }

  #expiresAt({ last, used }: Session): number {
    return last + (used ? this.#times.session_ms : this.#times.unused_ms)
  }
}
