import { MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { nameKey, quotedName } from '../room/names.ts'
import type { HubBounds } from './bounds.ts'
import type { HubLoad, LocalAdmin, ParticipantInfo, RoomInfo } from './hub-api.ts'
import type { SessionIndex } from './lifetime/session-index.ts'
import type { UnloadedRooms } from './lifetime/unloaded-rooms.ts'
import type { RoomMembers } from './room-members.ts'
import type { RoomRegistry } from './room-registry.ts'
import type { ScoreRegistry } from './score/score-registry.ts'

/** How long a removed name is banned by default. */
const REMOVED_MS = 10 * 60_000

export interface HubAdminDeps {
  readonly rooms: RoomRegistry
  readonly index: SessionIndex
  readonly unloaded: UnloadedRooms
  readonly scores: ScoreRegistry
  readonly clock: Clock
  readonly bounds: HubBounds
}

/** The admin API of a hub, with its closed rooms and banned names. */
export class HubAdmin implements LocalAdmin {
  readonly #deps: HubAdminDeps
  readonly #rooms: RoomRegistry
  readonly #clock: Clock
  readonly #closed = new Set<string>()
  /** When the ban of a name ends, on the monotonic clock, by `room/name`. At most `bounds.bans`. */
  readonly #removed = new Map<string, number>()

  constructor(deps: HubAdminDeps) {
    this.#deps = deps
    this.#rooms = deps.rooms
    this.#clock = deps.clock
  }

  /** Throws if `room` is closed. */
  assertOpen(room: string): void {
    if (!this.#closed.has(room)) return
    throw new MidsentenceError('room-unavailable', `The room ${room} was closed by its admin: choose another.`)
  }

  /** Throws if `room` is closed or `name` is banned there. */
  assertMayJoin(room: string, name: string): void {
    this.assertOpen(room)
    const left = this.banLeft(room, name)
    if (left <= 0) return
    throw new MidsentenceError(
      'name-taken',
      `The name ${quotedName(name)} may not be used in ${room} for ${Math.ceil(left / 1000)} more seconds: an admin removed it.`,
      { data: { retry_after_ms: Math.ceil(left) } },
    )
  }

  /** Milliseconds until the ban of a name in `room` ends. 0 or less without a ban. */
  banLeft(room: string, name: string): number {
    return (this.#removed.get(`${room}/${nameKey(name)}`) ?? 0) - this.#clock.monotonic()
  }

  get restricts(): boolean {
    const now = this.#clock.monotonic()
    return this.#closed.size > 0 || this.#rooms.hasHushed || [...this.#removed.values()].some(until => until > now)
  }

  rooms(): readonly RoomInfo[] {
    const open = [...this.#rooms].map(({ room, sessions, loopGuard }) => ({
      room: room.name,
      closed: this.#closed.has(room.name),
      participants: sessions.size,
      head: room.window.visible,
      ...(room.floor && { floor: room.floor }),
      ...(loopGuard.hushed && { hushed: true as const }),
    }))
    const known = new Set(open.map(({ room }) => room))
    const closed = [...this.#closed].filter(room => !known.has(room))
    return [...open, ...closed.map(room => ({ room, closed: true, participants: 0, head: 0 }))]
  }

  participants(room: string): readonly ParticipantInfo[] {
    const members = this.#openRoom(room)
    return [...members.sessions.values()].map(session => ({
      sender_id: session.joinResult.sender_id,
      session_id: session.joinResult.session_id,
      away: session.away === true,
      writing: members.typing.isWriting(session),
      streams: session.subscriptions.size,
    }))
  }

  async remove(room: string, username: string, for_ms = REMOVED_MS): Promise<boolean> {
    const name = nameKey(username.normalize('NFKC'))
    const all = [...((await this.#loaded(room))?.all() ?? [])]
    const sessions = all.filter(({ joinResult }) => nameKey(joinResult.sender_id) === name)
    if (sessions.length === 0) return false
    const now = this.#clock.monotonic()
    let first: readonly [key: string, until: number] | undefined
    for (const ban of this.#removed) {
      if (ban[1] <= now) this.#removed.delete(ban[0])
      else if (!first || ban[1] < first[1]) first = ban
    }
    if (first && this.#removed.size >= this.#deps.bounds.bans) this.#removed.delete(first[0])
    this.#removed.set(`${room}/${name}`, now + for_ms)
    const error = removedError('An admin of this server removed you from the room.')
    await Promise.all(sessions.map(session => session.end(error)))
    return true
  }

  async close(room: string): Promise<number> {
    const { closed_rooms } = this.#deps.bounds
    if (this.#closed.size >= closed_rooms && !this.#closed.has(room)) {
      throw new MidsentenceError('unavailable', `${closed_rooms} rooms are closed: open one of them first.`)
    }
    this.#closed.add(room)
    const sessions = [...((await this.#loaded(room))?.all() ?? [])]
    const error = removedError(`An admin of this server closed the room ${room}.`)
    await Promise.all(sessions.map(session => session.end(error)))
    this.#rooms.find(room)?.score?.disconnectAll(error.message)
    return sessions.length
  }

  open(room: string): boolean {
    return this.#closed.delete(room)
  }

  hush(room: string, on: boolean): boolean {
    return this.#openRoom(room).hush(on)
  }

  erase(room: string): Promise<boolean> {
    return this.#deps.scores.erase(room)
  }

  load(): HubLoad {
    const { index, unloaded } = this.#deps
    let [sessions, streams, slow, waitingChecks, waitingPushes] = [0, 0, 0, 0, 0]
    for (const members of this.#rooms) {
      sessions += members.sessions.size
      waitingPushes += members.room.waiting
      for (const session of members.sessions.values()) {
        streams += session.subscriptions.size
        for (const subscription of session.subscriptions) if (subscription.paused) slow++
        if (session.checks.isWaiting) waitingChecks++
      }
    }
    const lapsed = index.lapsed + unloaded.sessions
    const { size: rooms } = this.#rooms
    return { rooms, unloadedRooms: unloaded.size, sessions, lapsed, streams, slow, waitingChecks, waitingPushes }
  }

  #openRoom(name: string): RoomMembers {
    const members = this.#rooms.find(name)
    if (members) return members
    throw new MidsentenceError('room-unavailable', `There is no open room ${name}.`)
  }

  /** Resolves with a room that is in memory, or has sessions. */
  async #loaded(name: string): Promise<RoomMembers | undefined> {
    return this.#deps.unloaded.has(name) ? this.#rooms.open(name) : this.#rooms.find(name)
  }
}

const removedError = (message: string) => new MidsentenceError('session-unknown', message)

/** The load of a hub that does nothing. */
export const noLoad: HubLoad = {
  rooms: 0,
  unloadedRooms: 0,
  sessions: 0,
  lapsed: 0,
  streams: 0,
  slow: 0,
  waitingChecks: 0,
  waitingPushes: 0,
}
