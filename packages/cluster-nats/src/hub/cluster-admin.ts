import { MidsentenceError } from '@midsentence/core'
import {
  type ClusterLoad,
  type HubLoad,
  noLoad,
  type ParticipantInfo,
  type RoomAdmin,
  type RoomInfo,
  type RoomList,
} from '@midsentence/core/hub'
import type { ServerEntry } from '../ports.ts'
import { type AdminCall, runAdmin } from './calls/admin-calls.ts'
import type { ClusterCounters } from './cluster-counters.ts'
import { adminCallLost, isOwnerLost, noOverview } from './cluster-errors.ts'
import type { Lease } from './owner/lease.ts'
import { OwnedRoom } from './owner/owned-room.ts'
import type { OwnedRooms, Place } from './owner/owned-rooms.ts'
import type { Router } from './router.ts'

export interface ClusterAdminDeps {
  readonly rooms: OwnedRooms
  readonly router: Router
  readonly counters: ClusterCounters
  readonly lease: Lease
  entry(): ServerEntry
  others(): readonly ServerEntry[]
  ownerOf(room: string): Promise<string | undefined>
}

/** How long a server may take to list its rooms, in milliseconds. */
const ASK_MS = 2000

/** The admin API of a cluster: what is asked at one server is answered for all of them. Bans and closed rooms end with an owner. */
export class ClusterAdmin implements RoomAdmin {
  readonly #deps: ClusterAdminDeps

  constructor(deps: ClusterAdminDeps) {
    this.#deps = deps
  }

  async rooms(): Promise<readonly RoomInfo[]> {
    return (await this.roomList()).rooms
  }

  async roomList(): Promise<RoomList> {
    const { rooms, entry } = this.#deps
    this.#assertLease()
    const here = [...rooms].flatMap(({ hub }) => hub.admin.rooms().map(room => ({ ...room, server: entry().name })))
    const { answers, silent } = await this.everywhere<RoomInfo>('rooms', (room, { name }) => ({
      ...room,
      server: name,
    }))
    // When NATS is away, all servers seem silent.
    this.#assertLease()
    return { rooms: [...here, ...answers], ...(silent.length > 0 && { silent }) }
  }

  participants(room: string): Promise<readonly ParticipantInfo[]> {
    return this.#ofOpenRoom(room, 'participants', [room])
  }

  remove(room: string, username: string, for_ms?: number): Promise<boolean> {
    return this.#call(room, 'remove', for_ms === undefined ? [room, username] : [room, username, for_ms])
  }

  close(room: string): Promise<number> {
    return this.#call(room, 'close', [room])
  }

  open(room: string): Promise<boolean> {
    return this.#call(room, 'open', [room])
  }

  hush(room: string, on: boolean): Promise<boolean> {
    return this.#ofOpenRoom(room, 'hush', [room, on])
  }

  erase(room: string): Promise<boolean> {
    return this.#call(room, 'erase', [room])
  }

  load(): HubLoad {
    const sum: { -readonly [K in keyof HubLoad]: HubLoad[K] } = { ...noLoad }
    for (const { hub } of this.#deps.rooms) {
      const load = hub.admin.load()
      for (const name of Object.keys(noLoad) as (keyof HubLoad)[]) sum[name] += load[name]
    }
    return sum
  }

  clusterLoad(): ClusterLoad {
    const { rooms, counters } = this.#deps
    return { ...counters, ownedRooms: rooms.size }
  }

  /** Asks all other servers for a list. One that does not answer in time is named in `silent`. */
  async everywhere<T>(
    method: 'rooms' | 'listed',
    map: (each: T, server: ServerEntry) => T,
  ): Promise<{ readonly answers: readonly T[]; readonly silent: readonly string[] }> {
    const { router, others } = this.#deps
    const servers = others()
    const asked = servers.map(async server => {
      const call = { room: '', method, args: [], limit_ms: ASK_MS }
      const list = (await router.calls.call(server.id, call)) as readonly T[]
      return list.map(each => map(each, server))
    })
    const settled = await Promise.allSettled(asked)
    return {
      answers: settled.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : [])),
      silent: servers.filter((_, at) => settled[at]!.status === 'rejected').map(({ name }) => name),
    }
  }

  async #ofOpenRoom<T>(room: string, call: AdminCall, args: readonly unknown[]): Promise<T> {
    const { router, ownerOf } = this.#deps
    this.#assertLease()
    if (!router.known(room) && (await ownerOf(room)) === undefined)
      throw new MidsentenceError('room-unavailable', `There is no open room ${room}.`)
    return this.#call(room, call, args)
  }

  async #call<T>(room: string, call: AdminCall, args: readonly unknown[]): Promise<T> {
    const { router } = this.#deps
    this.#assertLease()
    const run = (place: Place): Promise<unknown> =>
      place instanceof OwnedRoom
        ? place.answer(runAdmin(place.hub.admin, call, args))
        : router.calls.call(place, { room, method: 'admin', args: [call, ...args] })
    try {
      return (await router.at(room, run)) as T
    } catch (error) {
      throw isOwnerLost(error) ? adminCallLost(error) : error
    }
  }

  /** An administrator asks for the present: a call fails at once where others wait for the lease. */
  #assertLease(): void {
    if (!this.#deps.lease.holds) throw noOverview()
  }
}
