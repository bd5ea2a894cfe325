import type { Clock } from '../ports/clock.ts'
import type { Monitor } from '../ports/monitor.ts'
import type { Policy } from '../ports/policy.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { Durability } from '../ports/transport.ts'
import type { Seq } from '../room/message.ts'
import { Book } from './book.ts'
import { Budget, type CallRate } from './budget.ts'
import type { SessionState } from './evolve.ts'
import { nameKey } from './names.ts'
import type { Place } from './place.ts'
import type { Entrance } from './requests.ts'
import { Seat } from './seat.ts'
import type { SeatHost } from './seat-parts.ts'
import type { KeptSession, SessionFact } from './session-facts.ts'
import { SessionWriter } from './session-writer.ts'
import { Speaker } from './speaker.ts'

export interface SeatingParts {
  readonly sessions: SessionLog | undefined
  readonly clock: Clock
  readonly policy: Policy
  readonly monitor: Monitor
  readonly durability: Durability
  readonly rate: CallRate | undefined
  readonly hooks_ms: number
  /** So many facts are written of a session before it stands for itself. */
  readonly facts: number
  readonly host: SeatHost
  failed(cause: unknown): never
}

/** Who sits down, and what is known of it. */
export interface Sitting {
  readonly entrance: Entrance
  readonly state: SessionState
  /** The highest seq it was shown. */
  readonly shown: Seq
  /** How it is kept. */
  readonly kept: KeptSession
  /** The proof of its secret. */
  readonly secret?: string
  readonly opened: Seq
  /** How many facts its log has of it. */
  readonly written: number
  readonly dialect?: true
}

/** Gives those who come in their seats. */
export class Seating {
  readonly #parts: SeatingParts

  constructor(parts: SeatingParts) {
    this.#parts = parts
  }

  seat(place: Place, sitting: Sitting): Seat {
    const { clock, policy, monitor, durability, rate, hooks_ms, host } = this.#parts
    const { entrance, state, shown, kept, secret, dialect } = sitting
    const { session_id, sender_id: name } = entrance
    const { room } = place
    const free = dialect === true
    const writer = free
      ? undefined
      : this.#writer(
          sitting,
          () => seat.kept,
          () => book.state,
        )
    const keep = (fact: SessionFact) => writer?.keep(fact)
    const book: Book = new Book({ session_id, room, state, readable: entrance.cursor, shown, keep })
    const budget = rate && !free ? new Budget(rate, clock.monotonic()) : undefined
    const person = kept.person === true
    const speaker = new Speaker({
      ...{ session_id, name, room, place, policy, clock, monitor, durability, budget, free, hooks_ms, person },
    })
    const seat: Seat = new Seat({
      ...{ entrance, room, book, speaker, clock, monitor, budget, kept, host },
      stand: () => writer?.stand(),
      ...(secret !== undefined && { secret }),
      ...(dialect && { dialect }),
    })
    place.seats.set(nameKey(name), seat)
    return seat
  }

  #writer(
    { opened, written, secret }: Sitting,
    session: () => KeptSession,
    state: () => SessionState,
  ): SessionWriter | undefined {
    const { sessions: log, facts, failed } = this.#parts
    return log && new SessionWriter({ log, session, opened, secret, written, facts, state, failed })
  }
}
