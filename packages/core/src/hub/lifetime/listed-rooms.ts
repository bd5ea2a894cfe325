import type { ListedRoom } from '../requests.ts'
import type { RoomMembers } from '../room-members.ts'

/** Rooms in one list, at most. */
const MAX_SHOWN = 1000

/** The list of rooms: those whose settings list them, in memory or until lately. */
export class ListedRooms {
  readonly #rooms: Iterable<RoomMembers>
  readonly #maximum: number
  /** Rooms that left memory. */
  readonly #left = new Map<string, ListedRoom>()

  /** `rooms`: those in memory. `maximum`: how many that left memory it keeps. */
  constructor(rooms: Iterable<RoomMembers>, maximum: number) {
    this.#rooms = rooms
    this.#maximum = maximum
  }

  /** Call when a room leaves memory. */
  unloaded(members: RoomMembers): void {
    const { name, access } = members.room
    if (!access.listed) return
    this.#left.delete(name)
    this.#left.set(name, entryOf(members))
    const [oldest] = this.#left.keys()
    if (oldest !== undefined && this.#left.size > this.#maximum) this.#left.delete(oldest)
  }

  /** Returns the rooms, those with the latest events first. */
  list(): readonly ListedRoom[] {
    const shown: ListedRoom[] = []
    for (const members of this.#rooms) if (members.room.access.listed) shown.push(entryOf(members))
    const known = new Set(shown.map(({ room }) => room))
    for (const [name, entry] of this.#left) if (!known.has(name)) shown.push(entry)
    return shown.sort((a, b) => (b.last_at ?? '').localeCompare(a.last_at ?? '')).slice(0, MAX_SHOWN)
  }
}

function entryOf(members: RoomMembers): ListedRoom {
  const { participants, watchers } = members.who()
  const { lastAt } = members
  return {
    room: members.room.name,
    participants,
    ...(lastAt > 0 && { last_at: new Date(lastAt).toISOString() }),
    ...(watchers !== undefined && { watchers }),
    ...members.terms,
  }
}
