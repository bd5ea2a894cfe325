import { type Cancel, type Clock, isMidsentenceError } from '@midsentence/core'
import type { ClusterLogs } from '../../ports.ts'
import type { ClusterCounters } from '../cluster-counters.ts'
import { clusterClosing, noOwner, serverFull } from '../cluster-errors.ts'
import type { Lease } from './lease.ts'
import { OwnedRoom, type RoomHubOptions } from './owned-room.ts'
import type { Servers } from './servers.ts'

/** How often rooms without sessions are looked for, to let them go. */
const SWEEP_MS = 60_000
/** How many rooms are released at the same time. */
const RELEASES = 32
/** How often sessions are counted: that reads every room. In between, joins are added. */
const COUNT_MS = 10_000
/** How often a claim is tried where other servers claim too. */
const CLAIMS = 5

export interface OwnedRoomsDeps {
  readonly id: string
  readonly logs: ClusterLogs
  readonly lease: Lease
  readonly servers: Servers
  readonly clock: Clock
  readonly options: RoomHubOptions
  readonly maxRooms: number
  readonly maxSessions: number
  readonly counters: ClusterCounters
}

/** Where a room is: here, or with the server of this id. */
export type Place = OwnedRoom | string

/** The rooms that this server owns. */
export class OwnedRooms {
  readonly #deps: OwnedRoomsDeps
  readonly #byName = new Map<string, OwnedRoom>()
  /** Rooms that are written to their end and given up. */
  readonly #releasing = new Map<string, Promise<void>>()
  readonly #acquiring = new Map<string, Promise<Place>>()
  readonly #timer: { cancel: Cancel | undefined } = { cancel: undefined }
  #draining = false
  #sessions = 0
  #countedAt = Number.NEGATIVE_INFINITY

  constructor(deps: OwnedRoomsDeps) {
    this.#deps = deps
    this.#scheduleSweep()
  }

  get size(): number {
    return this.#byName.size
  }

  get draining(): boolean {
    return this.#draining
  }

  find(name: string): OwnedRoom | undefined {
    return this.#byName.get(name)
  }

  [Symbol.iterator](): Iterator<OwnedRoom> {
    return this.#byName.values()
  }

  /**
   * Makes this server the owner of a room that has none, or resolves with the server that is. Rejects with `unavailable` if
   * this server is draining or full, or if it is not known who is.
   */
  acquire(name: string): Promise<Place> {
    const owned = this.#byName.get(name)
    if (owned) return Promise.resolve(owned)
    const before = this.#acquiring.get(name)
    if (before) return before
    const acquiring = this.#acquire(name).finally(() => this.#acquiring.delete(name))
    this.#acquiring.set(name, acquiring)
    return acquiring
  }

  /** Counts a join. Throws `unavailable` if this server has as many sessions as it may. */
  countJoin(): void {
    const { clock, maxSessions } = this.#deps
    const now = clock.monotonic()
    if (now - this.#countedAt >= COUNT_MS) {
      this.#countedAt = now
      this.#sessions = 0
      for (const { hub } of this) {
        const { sessions, lapsed } = hub.admin.load()
        this.#sessions += sessions + lapsed
      }
    }
    if (this.#sessions >= maxSessions) throw serverFull(maxSessions, 'sessions')
    this.#sessions++
  }

  /** Takes no more rooms, and hands over those that it has. */
  async drain(): Promise<void> {
    this.#draining = true
    this.#timer.cancel?.()
    await Promise.allSettled(this.#acquiring.values())
    await this.#release([...this.#byName.values()])
  }

  async #acquire(name: string): Promise<Place> {
    const { id, logs, servers, lease, maxRooms, clock, counters } = this.#deps
    const mayTake = async (owner: string | undefined) =>
      owner === undefined || owner === id || !(await servers.isAlive(owner))
    for (let tried = 0; tried < CLAIMS; tried++) {
      // Else its release would give up the new claim.
      await this.#releasing.get(name)
      if (this.#draining) throw clusterClosing()
      if (this.#byName.size + this.#acquiring.size > maxRooms) throw serverFull(maxRooms, 'rooms')
      const owner = await logs.ownerOf(name)
      if (owner !== undefined && !(await mayTake(owner))) return owner
      const began = clock.monotonic()
      try {
        const owned = await OwnedRoom.claim(name, { ...this.#deps, mayTake, lost: () => this.#lost(name) })
        this.#byName.set(name, owned)
        counters.claims++
        counters.claimMs += clock.monotonic() - began
        if (owned.hasEnded) this.#lost(name)
        return owned
      } catch (error) {
        // Another server was first, or it is not known: the log tells.
        if (!isMidsentenceError(error) || error.code !== 'unavailable' || !lease.holds) throw error
      }
    }
    throw noOwner(name)
  }

  #lost(name: string): void {
    if (this.#byName.get(name)?.hasEnded) this.#byName.delete(name)
  }

  #scheduleSweep(): void {
    this.#timer.cancel = this.#deps.clock.after(SWEEP_MS, () => {
      void this.#release([...this.#byName.values()], ({ isIdle }) => isIdle).then(() => {
        if (!this.#draining) this.#scheduleSweep()
      })
    })
  }

  async #release(rooms: OwnedRoom[], which = (_: OwnedRoom) => true): Promise<void> {
    const next = async () => {
      for (let room = rooms.pop(); room; room = rooms.pop()) if (which(room)) await this.#releaseRoom(room)
    }
    await Promise.all(Array.from({ length: RELEASES }, next))
  }

  async #releaseRoom(room: OwnedRoom): Promise<void> {
    const { name } = room
    // A room that could not be released is taken over as that of a dead server.
    const releasing = room.release().catch(() => undefined)
    this.#releasing.set(name, releasing)
    await releasing
    this.#releasing.delete(name)
  }
}
