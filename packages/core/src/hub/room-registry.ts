import type { MidsentenceError } from '../errors.ts'
import type { Cancel } from '../ports/clock.ts'
import type { HubBounds } from './bounds.ts'
import { hubFull, roomUnloaded } from './hub-errors.ts'
import { ListedRooms } from './lifetime/listed-rooms.ts'
import { Room, type RoomDeps, type RoomEvents } from './room/room.ts'
import { RoomMembers } from './room-members.ts'
import type { ScoreRegistry } from './score/score-registry.ts'
import type { LoadedSessions } from './session/recovery.ts'

export interface RoomRegistryDeps extends Omit<RoomDeps, 'name' | 'events'> {
  /** Whether rooms remember the pushes of each session, to restore sessions. */
  readonly tracksPushes: boolean
  /** How long a participant is shown as writing after its draft changed. */
  readonly writing_ms: number
  /** How long a room without participants stays in memory. */
  readonly room_idle_ms: number
  readonly hubBounds: HubBounds
  /** Called before an opened room is handed out. `loaded`: its sessions, where they were read already. */
  opened(members: RoomMembers, loaded: LoadedSessions | undefined): Promise<void>
  /** Records the rooms whose settings say so. */
  readonly scores: ScoreRegistry
  /** Called when an idle room leaves memory. */
  unloaded(members: RoomMembers): void
  /** Called when a room is not in memory any more, and everything of it is written. It opens once this resolves. */
  released(name: string): Promise<void> | undefined
  /** Called once per room when its log cannot write. */
  failed(error: MidsentenceError): void
}

/** Idle rooms that leave memory in one turn of the event loop. */
const MAX_UNLOADS = 100

/** The rooms of a hub that are in memory. Opens each room once, and lets go of those that are idle. */
export class RoomRegistry {
  readonly listed: ListedRooms
  readonly #deps: RoomRegistryDeps
  readonly #byName = new Map<string, RoomMembers>()
  readonly #open = new Map<Room, RoomMembers>()
  readonly #opening = new Map<string, Promise<RoomMembers>>()
  /** Writes to the logs of rooms that are not in memory. A room opens after them. */
  readonly #writing = new Map<string, Promise<void>>()
  /** Rooms without participants, and since when, in that order. */
  readonly #idle = new Map<RoomMembers, number>()
  /** Names of hushed rooms that left memory. */
  readonly #hushed = new Set<string>()
  #timer: Cancel | undefined
  #closed = false

  constructor(deps: RoomRegistryDeps) {
    this.#deps = deps
    this.listed = new ListedRooms(this, deps.hubBounds.listed_rooms)
  }

  /** The number of rooms in memory. */
  get size(): number {
    return this.#open.size
  }

  /** Whether a hushed room has left memory. */
  get hasHushed(): boolean {
    return this.#hushed.size > 0
  }

  /**
   * Resolves with the room called `name`. Reads its logs if it is not in memory. Rejects with `unavailable` if too many
   * rooms are in use.
   */
  open(name: string, loaded?: LoadedSessions): Promise<RoomMembers> {
    const existing = this.#byName.get(name)
    if (existing) return Promise.resolve(existing)
    const before = this.#opening.get(name)
    if (before) return before
    const opening = this.#openOne(name, loaded).finally(() => this.#opening.delete(name))
    this.#opening.set(name, opening)
    return opening
  }

  /** Returns a room that is in memory. */
  find(name: string): RoomMembers | undefined {
    return this.#byName.get(name)
  }

  membersOf(room: Room): RoomMembers | undefined {
    return this.#open.get(room)
  }

  [Symbol.iterator](): Iterator<RoomMembers> {
    return this.#open.values()
  }

  /** Tells whether a room is in memory, or will be soon. */
  isInUse(name: string): boolean {
    return this.#byName.has(name) || this.#opening.has(name)
  }

  /** Runs `write` on the logs of a room that is not in use. The room opens after it. */
  async writeUnloaded(name: string, write: () => Promise<unknown>): Promise<void> {
    const writing = (this.#writing.get(name) ?? Promise.resolve())
      .then(write)
      .then(() => this.#deps.released(name))
      .catch(() => undefined)
    this.#writing.set(name, writing)
    await writing
    if (this.#writing.get(name) === writing) this.#writing.delete(name)
  }

  /** Unloads no more. Resolves once the rooms that left memory are written. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.()
    await Promise.all(this.#writing.values())
  }

  async #openOne(name: string, loaded: LoadedSessions | undefined): Promise<RoomMembers> {
    const { failed, opened, tracksPushes, policy, clock, writing_ms, hubBounds } = this.#deps
    this.#makeSpace()
    while (this.#writing.has(name)) await this.#writing.get(name)
    let members: RoomMembers | undefined
    const events: RoomEvents = {
      committed: batch => members?.committed(batch),
      openSessionIds: () => members!.openSessionIds(),
      scored: event => members?.scored(event),
      failed,
    }
    const room = await Room.open({ ...this.#deps, name, events }, tracksPushes)
    members = new RoomMembers({
      room,
      clock,
      writing_ms,
      loopSettings: policy.loopGuard?.(name),
      maxObservers: hubBounds.observers,
      emptied: members => this.#emptied(members),
    })
    this.#open.set(room, members)
    await opened(members, loaded).catch(async error => {
      this.#open.delete(room)
      this.#idle.delete(members)
      await room.close(error)
      throw error
    })
    if (this.#hushed.delete(name)) members.loopGuard.hush(true)
    this.#deps.scores.record(members)
    this.#byName.set(name, members)
    if (members.sessions.size === 0) this.#emptied(members)
    return members
  }

  #emptied(members: RoomMembers): void {
    this.#idle.delete(members)
    if (this.#byName.get(members.room.name) !== members) return
    this.#idle.set(members, this.#deps.clock.monotonic())
    this.#setTimer()
  }

  #setTimer(): void {
    const [since] = this.#idle.values()
    if (this.#timer || this.#closed || since === undefined) return
    const { clock, room_idle_ms } = this.#deps
    this.#timer = clock.after(Math.max(since + room_idle_ms - clock.monotonic(), 0), () => this.#unloadIdle())
  }

  #unloadIdle(): void {
    this.#timer = undefined
    const now = this.#deps.clock.monotonic()
    let seen = 0
    for (const [members, since] of this.#idle) {
      if (since + this.#deps.room_idle_ms > now || ++seen > MAX_UNLOADS) break
      this.#idle.delete(members)
      if (members.isIdle) this.#unload(members)
      // Its last participant to leave puts it here again. Anything else that keeps it is looked at later.
      else if (members.sessions.size === 0) this.#idle.set(members, now)
    }
    this.#setTimer()
  }

  #unload(members: RoomMembers): void {
    const { room, loopGuard, sessionWriter } = members
    const { name } = room
    this.#open.delete(room)
    this.#byName.delete(name)
    this.#idle.delete(members)
    if (loopGuard.hushed) this.#keepHush(name)
    this.listed.unloaded(members)
    this.#deps.unloaded(members)
    void this.#deps.scores.leave(members)
    members.disconnectAll('The room has left memory.')
    const closed = room.close(roomUnloaded())
    void this.writeUnloaded(name, () => Promise.all([closed, sessionWriter?.idle()]))
  }

  #keepHush(name: string): void {
    const [oldest] = this.#hushed
    if (oldest !== undefined && this.#hushed.size >= this.#deps.hubBounds.hushed_rooms) this.#hushed.delete(oldest)
    this.#hushed.add(name)
  }

  /** Unloads the room that is idle for longest, if there are too many. Throws `unavailable` if none is idle. */
  #makeSpace(): void {
    const { rooms } = this.#deps.hubBounds
    if (this.#open.size + this.#opening.size < rooms) return
    let seen = 0
    for (const members of this.#idle.keys()) {
      if (members.isIdle) return this.#unload(members)
      if (++seen >= MAX_UNLOADS) break
    }
    throw hubFull(rooms, 'rooms')
  }
}
