import type { MidsentenceError } from '../errors.ts'
import { Room, type RoomDeps, type RoomEvents } from './room/room.ts'
import { RoomMembers } from './room-members.ts'

export interface RoomRegistryDeps extends Omit<RoomDeps, 'name' | 'events'> {
  /** Whether rooms remember the pushes of each session, to restore sessions. */
  readonly tracksPushes: boolean
  /** Called before an opened room is handed out. */
  opened(members: RoomMembers): Promise<void>
  /** Called once per room when its log cannot write. */
  failed(error: MidsentenceError): void
}

/** The open rooms of a hub. Opens each room once. */
export class RoomRegistry {
  readonly #deps: RoomRegistryDeps
  readonly #opening = new Map<string, Promise<RoomMembers>>()
  readonly #open = new Map<Room, RoomMembers>()

  constructor(deps: RoomRegistryDeps) {
    this.#deps = deps
  }

  /** Resolves with the room called `name`. Reads its logs if it is not open yet. */
  open(name: string): Promise<RoomMembers> {
    const existing = this.#opening.get(name)
    if (existing) return existing
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
