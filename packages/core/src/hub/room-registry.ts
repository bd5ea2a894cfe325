import type { MidsentenceError } from '../errors.ts'
import { Room, type RoomDeps, type RoomEvents } from './room/room.ts'
import { RoomMembers } from './room-members.ts'

export interface RoomRegistryDeps extends Omit<RoomDeps, 'name' | 'events'> {
  /** Is it asked later what became of a session's pushes? */
  readonly tracksPushes: boolean
  /** A room's log could not write. */
  failed(error: MidsentenceError): void
}

/** The rooms that are open, each with who is in it. A room is opened once, by whoever asks for it first. */
export class RoomRegistry {
  readonly #deps: RoomRegistryDeps
  readonly #opening = new Map<string, Promise<RoomMembers>>()
  readonly #open = new Map<Room, RoomMembers>()

  constructor(parts: RoomRegistryDeps) {
    this.#deps = parts
  }

  /** The room called `name`, as its log has it. */
  open(name: string): Promise<RoomMembers> {
    const known = this.#opening.get(name)
    if (known) return known
    const opening = this.#openOne(name)
    this.#opening.set(name, opening)
    opening.catch(() => this.#opening.delete(name))
    return opening
  }

  membersOf(room: Room): RoomMembers | undefined {
    return this.#open.get(room)
  }

  [Symbol.iterator](): Iterator<RoomMembers> {
    return this.#open.values()
  }

  async #openOne(name: string): Promise<RoomMembers> {
    let place: RoomMembers | undefined
    const { failed, tracksPushes, policy } = this.#deps
    const audience: RoomEvents = {
      committed: batch => place?.committed(batch),
      openSessionIds: () => place!.openSessionIds(),
      failed,
    }
    place = new RoomMembers(
      await Room.open({ ...this.#deps, name, events: audience }, tracksPushes),
      policy.loopGuard?.(name),
    )
    this.#open.set(place.room, place)
    return place
  }
}
