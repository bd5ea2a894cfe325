import type { MidsentenceError } from '../errors.ts'
import { Room, type RoomDeps, type RoomEvents } from './room/room.ts'
import { RoomMembers } from './room-members.ts'

export interface RoomRegistryDeps extends Omit<RoomDeps, 'name' | 'events'> {
  /** Is it asked later what became of a session's pushes? */
  readonly tracksPushes: boolean
  /** Called before an opened room is handed out. */
  opened(members: RoomMembers): Promise<void>
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
    const { failed, opened, tracksPushes, policy } = this.#deps
    let members: RoomMembers | undefined
    const events: RoomEvents = {
      committed: batch => members?.committed(batch),
      openSessionIds: () => members!.openSessionIds(),
      failed,
    }
    const room = await Room.open({ ...this.#deps, name, events }, tracksPushes)
    members = new RoomMembers(room, policy.loopGuard?.(name))
    await opened(members).catch(async error => {
      await room.close(error)
      throw error
    })
    this.#open.set(room, members)
    return members
  }
}
