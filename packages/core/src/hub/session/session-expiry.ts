import type { Cancel, Clock } from '../../ports/clock.ts'
import type { Session } from './session.ts'

/** When sessions expire, in milliseconds. */
export interface SessionTimes {
  /** Shown as away after this time without a stream or call. Default 30 s. */
  readonly away_ms: number
  /** A session without a secret expires this long after it is away. Default 60 s. */
  readonly lapse_ms: number
  /** A session that was never used expires after this time. Default 60 s. */
  readonly unused_ms: number
  /** A session with a secret expires this long after it was last active. Default one day. */
  readonly session_ms: number
}

const DAY_MS = 24 * 60 * 60 * 1000

export const defaultTimes: SessionTimes = {
  away_ms: 30_000,
  lapse_ms: 60_000,
  unused_ms: 60_000,
  session_ms: DAY_MS,
}

/** The sessions to watch, and what to do with them. */
export interface ExpiryEvents {
  sessions(): Iterable<Session>
  /** Called when a session is away. */
  away(session: Session): void
  /** Called when a session has expired. */
  expired(session: Session): void
}

/** Finds sessions that are away or have expired. One timer for all, set for the next moment. */
export class SessionExpiry {
  readonly #clock: Clock
  readonly #times: SessionTimes
  readonly #events: ExpiryEvents
  #next: { readonly at: number; readonly cancel: Cancel } | undefined
  #closed = false

  constructor(clock: Clock, times: SessionTimes, events: ExpiryEvents) {
    this.#clock = clock
    this.#times = times
    this.#events = events
  }

  /** Tells whether a session has expired. `nameWanted`: another participant wants its name. */
  hasExpired(session: Session, nameWanted?: 'nameWanted'): boolean {
    const now = this.#clock.monotonic()
    return session.until <= now || (!session.isBusy && this.#expiresAt(session, nameWanted) <= now)
  }

  /** Sets the timer for the next moment of `session`, or of all sessions. */
  watch(session?: Session): void {
    if (this.#closed) return
    let at = Number.POSITIVE_INFINITY
    for (const each of session ? [session] : this.#events.sessions()) at = Math.min(at, this.#nextMomentOf(each))
    if (at === Number.POSITIVE_INFINITY || (this.#next && this.#next.at <= at)) return
    this.#next?.cancel()
    // A timer of more than 24 days fires at once.
    const ms = Math.min(at - this.#clock.monotonic(), DAY_MS)
    this.#next = { at, cancel: this.#clock.after(ms, () => this.#expireDue()) }
  }

  close(): void {
    this.#closed = true
    this.#next?.cancel()
  }

  #expireDue(): void {
    this.#next = undefined
    const now = this.#clock.monotonic()
    for (const session of [...this.#events.sessions()]) {
      if (this.hasExpired(session)) this.#events.expired(session)
      else if (!session.isBusy && !session.away && this.#awayAt(session) <= now) {
        session.away = true
        this.#events.away(session)
      }
    }
    this.watch()
  }

  #nextMomentOf(session: Session): number {
    if (session.isBusy) return session.until
    const lapse = Math.min(this.#expiresAt(session), session.until)
    return session.away ? lapse : Math.min(this.#awayAt(session), lapse)
  }

  #awayAt({ last }: Session): number {
    return last + this.#times.away_ms
  }

  #expiresAt({ last, used, secret, legacy }: Session, nameWanted?: 'nameWanted'): number {
    const { away_ms, lapse_ms, unused_ms, session_ms } = this.#times
    if (!used) return last + unused_ms
    // Legacy clients may be silent for hours: they keep their name unless another participant wants it.
    if (secret !== undefined || (legacy && !nameWanted)) return last + session_ms
    return last + away_ms + lapse_ms
  }
}
