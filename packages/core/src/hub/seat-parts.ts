import type { DraftEvent } from '../draft/events.ts'
import type { Clock } from '../ports/clock.ts'
import type { Monitor } from '../ports/monitor.ts'
import type { Book } from './book.ts'
import type { Budget } from './budget.ts'
import type { Entrance, WhoAnswer } from './requests.ts'
import type { Room } from './room.ts'
import type { Seat } from './seat.ts'
import type { KeptSession } from './session-facts.ts'
import type { Speaker } from './speaker.ts'

/** What a seat is made of. */
export interface SeatParts {
  readonly entrance: Entrance
  readonly room: Room
  readonly book: Book
  readonly speaker: Speaker
  readonly clock: Clock
  readonly host: SeatHost
  readonly monitor: Monitor
  /** How it is kept. */
  readonly kept: KeptSession
  /** Writes all that it came to. */
  stand(): Promise<void> | undefined
  /** The proof of the secret it is reached again by. */
  readonly secret?: string
  readonly dialect?: true
  readonly budget: Budget | undefined
}

/** What a seat asks of the hub it is in. */
export interface SeatHost {
  who(room: Room): WhoAnswer
  /** Something shows that this seat is here. */
  seen(seat: Seat): void
  /** A call or a stream of it ended: from now on time counts. */
  idle(seat: Seat): void
  /** Its draft changed: whoever watches is told. */
  drafted(seat: Seat, facts: readonly DraftEvent[], whole: boolean): void
  left(seat: Seat, reason: string): Promise<void>
}
