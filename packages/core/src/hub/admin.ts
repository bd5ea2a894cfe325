import { MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { nameKey } from './access/names.ts'
import type { HubLoad, ParticipantInfo, RoomAdmin, RoomInfo } from './hub-api.ts'
import type { RoomMembers } from './room-members.ts'
import type { RoomRegistry } from './room-registry.ts'

/** How long a removed name is banned by default. */
const REMOVED_MS = 10 * 60_000

/** The admin API of a hub, with its closed rooms and banned names. */
export class HubAdmin implements RoomAdmin {
  readonly #rooms: RoomRegistry
  readonly #clock: Clock
  readonly #closed = new Set<string>()
  /** When the ban of a name ends, on the monotonic clock, by `room/name`. */
  readonly #removed = new Map<string, number>()

  constructor(rooms: RoomRegistry, clock: Clock) {
    this.#rooms = rooms
    this.#clock = clock
  }

  /** Throws if `room` is closed or `name` is banned there. */
  assertMayJoin(room: string, name: string): void {
    if (this.#closed.has(room)) {
      throw new MidsentenceError('room-unavailable', `The room ${room} was closed by its admin: choose another.`)
    }
    const until = this.#removed.get(`${room}/${nameKey(name)}`) ?? 0
    const left = until - this.#clock.monotonic()
    if (left <= 0) return
    throw new MidsentenceError(
      'name-taken',
      `The name ${name} may not be used in ${room} for ${Math.ceil(left / 1000)} more seconds: an admin removed it.`,
      { data: { retry_after_ms: Math.ceil(left) } },
    )
  }

  rooms(): readonly RoomInfo[] {
    const open = [...this.#rooms].map(({ room, sessions }) => ({
      room: room.name,
      closed: this.#closed.has(room.name),
      participants: sessions.size,
      head: room.window.visible,
      ...(room.floor && { floor: room.floor }),
    }))
    const known = new Set(open.map(({ room }) => room))
    const closed = [...this.#closed].filter(room => !known.has(room))
    return [...open, ...closed.map(room => ({ room, closed: true, participants: 0, head: 0 }))]
  }

  participants(room: string): readonly ParticipantInfo[] {
    const members = this.#membersOf(room)
    if (!members) throw new MidsentenceError('room-unavailable', `There is no open room ${room}.`)
    return [...members.sessions.values()].map(({ joinResult: { sender_id, session_id }, away, subscriptions }) => ({
      sender_id,
      session_id,
      away: away === true,
      streams: subscriptions.size,
    }))
  }

  async remove(room: string, username: string, for_ms = REMOVED_MS): Promise<boolean> {
    const name = nameKey(username.normalize('NFKC'))
    const session = this.#membersOf(room)?.sessions.get(name)
    if (!session) return false
    const now = this.#clock.monotonic()
    for (const [key, until] of this.#removed) if (until <= now) this.#removed.delete(key)
    this.#removed.set(`${room}/${name}`, now + for_ms)
    await session.end(removedError('An admin of this server removed you from the room.'))
    return true
  }

  async close(room: string): Promise<number> {
    this.#closed.add(room)
    const sessions = [...(this.#membersOf(room)?.sessions.values() ?? [])]
    const error = removedError(`An admin of this server closed the room ${room}.`)
    await Promise.all(sessions.map(session => session.end(error)))
    return sessions.length
  }

  open(room: string): boolean {
    return this.#closed.delete(room)
  }

  load(): HubLoad {
    let [rooms, sessions, streams, slow, waitingChecks, waitingPushes] = [0, 0, 0, 0, 0, 0]
    for (const members of this.#rooms) {
      rooms++
      sessions += members.sessions.size
      waitingPushes += members.room.waiting
      for (const session of members.sessions.values()) {
        streams += session.subscriptions.size
        for (const subscription of session.subscriptions) if (subscription.paused) slow++
        if (session.isChecking) waitingChecks++
      }
    }
    return { rooms, sessions, streams, slow, waitingChecks, waitingPushes }
  }

  #membersOf(name: string): RoomMembers | undefined {
    return [...this.#rooms].find(({ room }) => room.name === name)
  }
}

const removedError = (message: string) => new MidsentenceError('session-unknown', message)
