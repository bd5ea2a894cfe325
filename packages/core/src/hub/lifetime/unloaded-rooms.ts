import type { Clock } from '../../ports/clock.ts'
import { type Deadline, DeadlineQueue, type HasDeadline } from './deadline-queue.ts'

/** A room that is not in memory, with the sessions that its log has. All of them have lapsed. */
interface UnloadedRoom extends HasDeadline<UnloadedRoom> {
  readonly name: string
  readonly session_ids: readonly string[]
  /** When the last of its sessions expires, on the monotonic clock. */
  readonly until: number
  deadline: Deadline<UnloadedRoom> | undefined
}

/** The sessions of rooms that are not in memory: their ids, and for each room when the last one expires. */
export class UnloadedRooms {
  readonly #byName = new Map<string, UnloadedRoom>()
  /** In the order in which they were added. */
  readonly #bySession = new Map<string, UnloadedRoom>()
  readonly #deadlines: DeadlineQueue<UnloadedRoom>

  /** `ended` is called with sessions that are over, to write that down. They are not known any more. */
  constructor(clock: Clock, ended: (room: string, session_ids: readonly string[]) => void) {
    this.#deadlines = new DeadlineQueue(clock, room => {
      ended(room.name, this.delete(room.name))
      return Number.POSITIVE_INFINITY
    })
  }

  /** The number of rooms. */
  get size(): number {
    return this.#byName.size
  }

  /** The number of sessions. */
  get sessions(): number {
    return this.#bySession.size
  }

  has(room: string): boolean {
    return this.#byName.has(room)
  }

  /** Adds a room whose sessions have all expired at `until`. */
  add(name: string, session_ids: readonly string[], until: number): void {
    const room: UnloadedRoom = { name, session_ids, until, deadline: undefined }
    this.#byName.set(name, room)
    for (const session_id of session_ids) this.#bySession.set(session_id, room)
    this.#deadlines.schedule(room, until)
  }

  /** Returns the room of a session. */
  roomOf(session_id: string): string | undefined {
    return this.#bySession.get(session_id)?.name
  }

  /** Removes a room. Returns its sessions. */
  delete(name: string): readonly string[] {
    const room = this.#byName.get(name)
    if (!room) return []
    this.#byName.delete(name)
    this.#deadlines.remove(room)
    return room.session_ids.filter(session_id => this.#bySession.delete(session_id))
  }

  /** Removes the session that was added first, of a room that `mayEnd`. Returns it with its room. */
  removeFirst(mayEnd: (room: string) => boolean): { readonly room: string; readonly session_id: string } | undefined {
    for (const [session_id, { name }] of this.#bySession) {
      if (!mayEnd(name)) continue
      this.#bySession.delete(session_id)
      return { room: name, session_id }
    }
    return undefined
  }

  close(): void {
    this.#deadlines.close()
  }
}
