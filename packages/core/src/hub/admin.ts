import { MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Floor, Seq } from '../room/message.ts'
import { nameKey } from './access/names.ts'
import type { RoomMembers } from './room-members.ts'
import type { RoomRegistry } from './room-registry.ts'

/** A room, as its keeper sees it. */
export interface RoomInfo {
  readonly room: string
  /** Nobody may come in until it is opened. */
  readonly closed: boolean
  readonly participants: number
  /** The seq of its newest message. */
  readonly head: Seq
  readonly floor?: Floor
}

export interface ParticipantInfo {
  readonly sender_id: string
  readonly session_id: string
  readonly away: boolean
  readonly streams: number
}

/** What is under way in a hub at this moment. */
export interface HubLoad {
  readonly rooms: number
  readonly sessions: number
  readonly streams: number
  /** Streams whose readers take nothing for now. */
  readonly slow: number
  readonly waitingChecks: number
  /** Pushes that wait for somebody's floor, or to be written. */
  readonly waitingPushes: number
}

/** What the keeper of a hub may do. It reads no drafts and no messages. */
export interface RoomAdmin {
  rooms(): readonly RoomInfo[]
  /** Throws `room-unavailable` where there is no such room. */
  participants(room: string): readonly ParticipantInfo[]
  /** Takes `username` out of `room`, and keeps its name from being used there for so long (default ten minutes). False where it is not there. */
  remove(room: string, username: string, for_ms?: number): Promise<boolean>
  /** Takes everybody out and lets nobody in until `open`, or until the hub is opened anew. Resolves to how many were there. */
  close(room: string): Promise<number>
  /** Lets people in again. False where it was not closed. */
  open(room: string): boolean
  load(): HubLoad
}

const REMOVED_MS = 10 * 60_000

/** A keeper's hand in the rooms, and what it forbade. */
export class HubAdmin implements RoomAdmin {
  readonly #rooms: RoomRegistry
  readonly #clock: Clock
  readonly #closed = new Set<string>()
  /** Until when which name may not be used, on the monotonic clock. */
  readonly #removed = new Map<string, number>()

  constructor(places: RoomRegistry, clock: Clock) {
    this.#rooms = places
    this.#clock = clock
  }

  /** Throws why one may not come into `room` by the name `name`, where its keeper said so. */
  assertMayJoin(room: string, name: string): void {
    if (this.#closed.has(room)) {
      throw new MidsentenceError('room-unavailable', `The room ${room} was closed by an administrator: choose another.`)
    }
    const until = this.#removed.get(`${room}/${nameKey(name)}`) ?? 0
    const left = until - this.#clock.monotonic()
    if (left <= 0) return
    throw new MidsentenceError(
      'name-taken',
      `The name ${name} may not be used in ${room} for ${Math.ceil(left / 1000)} more seconds: an administrator removed it.`,
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
    const place = this.#membersOf(room)
    if (!place) throw new MidsentenceError('room-unavailable', `There is no room ${room} just now.`)
    return [...place.sessions.values()].map(({ joinResult: { sender_id, session_id }, away, subscriptions }) => ({
      sender_id,
      session_id,
      away: away === true,
      streams: subscriptions.size,
    }))
  }

  async remove(room: string, username: string, for_ms = REMOVED_MS): Promise<boolean> {
    const name = nameKey(username.normalize('NFKC'))
    const seat = this.#membersOf(room)?.sessions.get(name)
    if (!seat) return false
    const now = this.#clock.monotonic()
    for (const [key, until] of this.#removed) if (until <= now) this.#removed.delete(key)
    this.#removed.set(`${room}/${name}`, now + for_ms)
    await seat.end(out('An administrator removed you from the room.'))
    return true
  }

  async close(room: string): Promise<number> {
    this.#closed.add(room)
    const seats = [...(this.#membersOf(room)?.sessions.values() ?? [])]
    await Promise.all(seats.map(seat => seat.end(out(`An administrator closed the room ${room}.`))))
    return seats.length
  }

  open(room: string): boolean {
    return this.#closed.delete(room)
  }

  load(): HubLoad {
    let [rooms, sessions, streams, slow, waitingChecks, waitingPushes] = [0, 0, 0, 0, 0, 0]
    for (const { room, sessions: seats } of this.#rooms) {
      rooms++
      sessions += seats.size
      waitingPushes += room.waiting
      for (const seat of seats.values()) {
        streams += seat.subscriptions.size
        for (const ear of seat.subscriptions) if (ear.paused) slow++
        if (seat.isChecking) waitingChecks++
      }
    }
    return { rooms, sessions, streams, slow, waitingChecks, waitingPushes }
  }

  #membersOf(name: string): RoomMembers | undefined {
    return [...this.#rooms].find(({ room }) => room.name === name)
  }
}

const out = (message: string) => new MidsentenceError('session-unknown', message)
