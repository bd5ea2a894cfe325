import type { MidsentenceError } from '../errors.ts'
import { Place } from './place.ts'
import { type Audience, Room, type RoomParts } from './room.ts'

export interface PlacesParts extends Omit<RoomParts, 'name' | 'audience'> {
  /** Is it asked later what became of a session's pushes? */
  readonly remembers: boolean
  /** A room's log could not write. */
  failed(error: MidsentenceError): void
}

/** The rooms that are open, each with who is in it. A room is opened once, by whoever asks for it first. */
export class Places {
  readonly #parts: PlacesParts
  readonly #opening = new Map<string, Promise<Place>>()
  readonly #open = new Map<Room, Place>()

  constructor(parts: PlacesParts) {
    this.#parts = parts
  }

  /** The room called `name`, as its log has it. */
  named(name: string): Promise<Place> {
    const known = this.#opening.get(name)
    if (known) return known
    const opening = this.#openOne(name)
    this.#opening.set(name, opening)
    opening.catch(() => this.#opening.delete(name))
    return opening
  }

  of(room: Room): Place | undefined {
    return this.#open.get(room)
  }

  [Symbol.iterator](): Iterator<Place> {
    return this.#open.values()
  }

  async #openOne(name: string): Promise<Place> {
    let place: Place | undefined
    const { failed, remembers, policy } = this.#parts
    const audience: Audience = { spoken: batch => place?.spoken(batch), sessions: () => place!.sessions(), failed }
    place = new Place(await Room.open({ ...this.#parts, name, audience }, remembers), policy.loops?.(name))
    this.#open.set(place.room, place)
    return place
  }
}
