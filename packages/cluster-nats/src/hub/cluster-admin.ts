import { MidsentenceError } from '@midsentence/core'
import {
  type ClusterLoad,
  type HubLoad,
  noLoad,
  type ParticipantInfo,
  type RoomAdmin,
  type RoomInfo,
} from '@midsentence/core/hub'
import type { ServerEntry } from '../ports.ts'
import { type AdminCall, runAdmin } from './calls/admin-calls.ts'
import type { ClusterCounters } from './cluster-counters.ts'
import { OwnedRoom } from './owner/owned-room.ts'
import type { OwnedRooms } from './owner/owned-rooms.ts'
import type { Router } from './router.ts'

export interface ClusterAdminDeps {
  readonly rooms: OwnedRooms
  readonly router: Router
  readonly counters: ClusterCounters
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
    const { rooms, entry } = this.#deps
    const here = [...rooms].flatMap(({ hub }) => hub.admin.rooms().map(room => ({ ...room, server: entry().name })))
    const elsewhere = await this.everywhere<RoomInfo>('rooms', (room, { name }) => ({ ...room, server: name }))
    return [...here, ...elsewhere]
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

  /** Asks all other servers for a list. One that does not answer is left out: its rooms move. */
  async everywhere<T>(method: 'rooms' | 'listed', map: (each: T, server: ServerEntry) => T): Promise<readonly T[]> {
    const { router, others } = this.#deps
    const asked = others().map(async server => {
      const lists = (await router.calls.call(server.id, {
        room: '',
        method,
        args: [],
        limit_ms: ASK_MS,
      })) as readonly T[]
      return lists.map(each => map(each, server))
    })
    const answers = await Promise.allSettled(asked)
    return answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
  }

  async #ofOpenRoom<T>(room: string, call: AdminCall, args: readonly unknown[]): Promise<T> {
    const { router, ownerOf } = this.#deps
    if (!router.known(room) && (await ownerOf(room)) === undefined)
      throw new MidsentenceError('room-unavailable', `There is no open room ${room}.`)
    return this.#call(room, call, args)
  }

  #call<T>(room: string, call: AdminCall, args: readonly unknown[]): Promise<T> {
    const { router } = this.#deps
    return router.at(room, place =>
      place instanceof OwnedRoom
        ? place.answer(runAdmin(place.hub.admin, call, args))
        : router.calls.call(place, { room, method: 'admin', args: [call, ...args] }),
    ) as Promise<T>
  }
}
