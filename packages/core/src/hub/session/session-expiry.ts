import type { Cancel, Clock } from '../../ports/clock.ts'
import type { Session } from './session.ts'

/** How long what is remembered, in milliseconds. */
export interface SessionTimes {
  /** Without a stream, a call or an action for so long one shows as away. */
  readonly away_ms: number
  /** After that a session without a secret loses its name. */
  readonly lapse_ms: number
  /** A session that was never used is dropped. */
  readonly unused_ms: number
  /** A session with a secret lives so long after it was last used. */
  readonly session_ms: number
}

const DAY_MS = 24 * 60 * 60 * 1000

export const defaultTimes: SessionTimes = {
  away_ms: 30_000,
  lapse_ms: 60_000,
  unused_ms: 60_000,
  session_ms: DAY_MS,
}

/** Whose time is kept, and who is told. */
export interface ExpiryEvents {
  sessions(): Iterable<Session>
  /** It shows as away from now on. */
  away(seat: Session): void
  /** It is given up. */
  expired(seat: Session): void
}

/** Who is here, away or gone, by when something was heard of them. One timer for all, set for when it matters next. */
export class SessionExpiry {
  readonly #clock: Clock
  readonly #times: SessionTimes
  readonly #events: ExpiryEvents
  #next: { readonly at: number; readonly cancel: Cancel } | undefined
  #closed = false

  constructor(clock: Clock, times: SessionTimes, roll: ExpiryEvents) {
    this.#clock = clock
    this.#times = times
    this.#events = roll
  }

  /** Is this seat to be given up? `wanted`: somebody else would like to have its name. */
  hasExpired(seat: Session, wanted?: 'nameWanted'): boolean {
    const now = this.#clock.monotonic()
    return seat.until <= now || (!seat.isBusy && this.#expiresAt(seat, wanted) <= now)
  }

  /** Sees to it that time is looked at when it matters next: for `seat`, or for everybody. */
  watch(seat?: Session): void {
    if (this.#closed) return
    let at = Number.POSITIVE_INFINITY
    for (const each of seat ? [seat] : this.#events.sessions()) at = Math.min(at, this.#nextMomentOf(each))
    if (at === Number.POSITIVE_INFINITY || (this.#next && this.#next.at <= at)) return
    this.#next?.cancel()
    // A timer of more than 24 days would fire at once.
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
    for (const seat of [...this.#events.sessions()]) {
      if (this.hasExpired(seat)) this.#events.expired(seat)
      else if (!seat.isBusy && !seat.away && this.#awayAt(seat) <= now) {
        seat.away = true
        this.#events.away(seat)
      }
    }
    this.watch()
  }

  #nextMomentOf(seat: Session): number {
    if (seat.isBusy) return seat.until
    const lapse = Math.min(this.#expiresAt(seat), seat.until)
    return seat.away ? lapse : Math.min(this.#awayAt(seat), lapse)
  }

  #awayAt({ last }: Session): number {
    return last + this.#times.away_ms
  }

  #expiresAt({ last, used, secret, legacy }: Session, wanted?: 'nameWanted'): number {
    const { away_ms, lapse_ms, unused_ms, session_ms } = this.#times
    if (!used) return last + unused_ms
    // Old clients that only send say nothing for hours: their names are free for whoever asks, and stay theirs otherwise.
    if (secret !== undefined || (legacy && !wanted)) return last + session_ms
    return last + away_ms + lapse_ms
  }
}
