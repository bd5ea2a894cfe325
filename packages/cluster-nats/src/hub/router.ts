import { type Clock, isMidsentenceError } from '@midsentence/core'
import { type HubSession, withDeadline } from '@midsentence/core/hub'
import type { ServerEntry } from '../ports.ts'
import { moved, type RemoteCalls } from './calls/remote-calls.ts'
import { isServerFull, isUndone, noOwner } from './cluster-errors.ts'
import { OwnedRoom } from './owner/owned-room.ts'
import type { OwnedRooms, Place } from './owner/owned-rooms.ts'
import type { Servers } from './owner/servers.ts'
import { placeOf } from './placement.ts'
import type { ClusterTimes } from './times.ts'

/** How long a server waits before it looks for an owner again. */
const AGAIN_MS = 200
/** How long a server may take to own a room, in milliseconds. */
const OWN_MS = 10_000
/** How many servers are asked in a row, each since the last one named it. */
const MAX_HOPS = 3
/** How often a call follows its room to another server. */
const MAX_MOVES = 10
/** How many owners and sessions are remembered. Further ones replace the oldest. */
const MAX_KNOWN = 100_000

export interface RouterDeps {
  readonly id: string
  readonly rooms: OwnedRooms
  readonly servers: Servers
  readonly calls: RemoteCalls
  readonly clock: Clock
  readonly times: ClusterTimes
  entry(): ServerEntry
  ownerOf(room: string): Promise<string | undefined>
}

/** Knows which server has which room, or finds it out. */
export class Router {
  readonly calls: RemoteCalls
  readonly #deps: RouterDeps
  readonly #owners = new Map<string, string>()
  readonly #locating = new Map<string, Promise<Place>>()
  readonly #sessions = new Map<string, HubSession>()
  #closed = false

  constructor(deps: RouterDeps) {
    this.#deps = deps
    this.calls = deps.calls
  }

  /** Returns where a room is, as far as is known. */
  known(room: string): Place | undefined {
    const owned = this.#deps.rooms.find(room)
    if (owned && !owned.hasEnded) return owned
    return this.#owners.get(room)
  }

  /**
   * Resolves with where a room is. Makes a server its owner if it has none. Rejects with `unavailable`, at the latest after
   * `locate_ms`: a server may go on to open the room, and the next call finds it.
   */
  locate(room: string): Promise<Place> {
    const known = this.known(room)
    if (known) return Promise.resolve(known)
    const before = this.#locating.get(room)
    if (before) return before
    const { clock, times } = this.#deps
    const searching = withDeadline(clock, times.locate_ms, this.#search(room), () => noOwner(room))
    const locating = Promise.resolve(searching).finally(() => this.#locating.delete(room))
    this.#locating.set(room, locating)
    return locating
  }

  /** Makes a call where a room is, at first at `place`; again elsewhere, if it has moved and nothing was done. */
  async at<T>(room: string, call: (place: Place) => Promise<T>, place?: Place, moves = 0): Promise<T> {
    const at = place ?? (await this.locate(room))
    try {
      return await call(at)
    } catch (error) {
      const isElsewhere = error === moved || (at instanceof OwnedRoom && at.hasEnded && isUndone(error))
      if (!isElsewhere) throw error
      if (this.#owners.get(room) === at) this.#owners.delete(room)
      if (moves === MAX_MOVES) throw noOwner(room)
      return this.at(room, call, undefined, moves + 1)
    }
  }

  /** Forgets which rooms a server has. */
  gone(server: string): void {
    for (const [room, owner] of this.#owners) if (owner === server) this.#owners.delete(room)
  }

  /** Returns a session that was found before. */
  session(token: string): HubSession | undefined {
    return this.#sessions.get(token)
  }

  remember(session: HubSession): HubSession {
    this.#sessions.set(session.joinResult.token, session)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > MAX_KNOWN) this.#sessions.delete(oldest!)
    return session
  }

  forget(session: HubSession): void {
    this.#sessions.delete(session.joinResult.token)
  }

  /** Forgets a session that is over. */
  refused(session: HubSession, error: unknown): void {
    if (isMidsentenceError(error) && error.code === 'session-unknown') this.forget(session)
  }

  close(): void {
    this.#closed = true
  }

  async #search(room: string): Promise<Place> {
    const { clock, times } = this.#deps
    const until = clock.monotonic() + times.locate_ms
    let cause: unknown
    let hops = 0
    for (let server: string | undefined; ; ) {
      try {
        server ??= await this.#candidate(room)
        const place: Place = await this.#ask(room, server)
        if (typeof place !== 'string') return place
        if (place === server) return this.#remember(room, place)
        server = place
        if (++hops < MAX_HOPS) continue
      } catch (error) {
        // Rooms are spread evenly: when one server is full, all are about to be.
        if (isServerFull(error)) throw error
        cause = error
      }
      server = undefined
      hops = 0
      if (this.#closed || clock.monotonic() >= until) {
        throw cause === undefined || isMidsentenceError(cause) ? noOwner(room, cause) : cause
      }
      await new Promise<void>(resolve => void clock.after(AGAIN_MS, resolve))
    }
  }

  /** Returns the server that has the room, or should. */
  async #candidate(room: string): Promise<string> {
    const { servers, id, entry, ownerOf } = this.#deps
    const owner = await ownerOf(room)
    if (owner === id || (owner !== undefined && (await servers.isAlive(owner)))) return owner
    const place = placeOf(room, [entry(), ...servers.others])
    if (!place) throw noOwner(room)
    return place.id
  }

  /** Asks a server to be the owner of a room. Resolves with who it is. */
  async #ask(room: string, server: string): Promise<Place> {
    const { id, rooms, calls } = this.#deps
    if (server === id) return rooms.acquire(room)
    const owner = await calls.call(server, { room, method: 'own', args: [], limit_ms: OWN_MS })
    if (typeof owner !== 'string') throw noOwner(room)
    if (owner === id) return rooms.acquire(room)
    return owner
  }

  #remember(room: string, owner: string): string {
    this.#owners.set(room, owner)
    const [oldest] = this.#owners.keys()
    if (this.#owners.size > MAX_KNOWN) this.#owners.delete(oldest!)
    return owner
  }
}
