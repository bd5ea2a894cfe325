import {
  type Admission,
  defaultPolicy,
  type LogDurability,
  MidsentenceError,
  noopMonitor,
  systemClock,
} from '@midsentence/core'
import {
  type AdmissionDeps,
  accessOf,
  admitted,
  assertRoomName,
  defaultBounds,
  type Hub,
  type HubSession,
  type JoinRequest,
  type JoinResult,
  type ListedRoom,
  type RoomObserver,
  roomUnavailable,
  type ScoreListener,
  type ScoreSubscription,
  unknownToken,
  validName,
  type WatchRequest,
} from '@midsentence/core/hub'
import type { ClusterLogs, ServerBus, ServerDirectory, ServerEntry } from '../ports.ts'
import { Admissions } from './admissions.ts'
import { CallService } from './calls/call-service.ts'
import type { Item } from './calls/frames.ts'
import { Links } from './calls/links.ts'
import { RemoteCalls } from './calls/remote-calls.ts'
import { RemoteStream } from './calls/remote-stream.ts'
import { ClusterAdmin } from './cluster-admin.ts'
import { ClusterCounters } from './cluster-counters.ts'
import { closingCall, clusterClosing, notHereYet } from './cluster-errors.ts'
import { ClusterSession } from './cluster-session.ts'
import { Lease } from './owner/lease.ts'
import { OwnedRoom, type RoomHubOptions } from './owner/owned-room.ts'
import { OwnedRooms } from './owner/owned-rooms.ts'
import { Servers } from './owner/servers.ts'
import { RefusedTokens } from './refused-tokens.ts'
import { Router } from './router.ts'
import { type ClusterTimes, defaultClusterTimes } from './times.ts'
import { readHint } from './tokens.ts'

/** Rooms in one list, at most. */
const MAX_LISTED = 1000

export interface ClusterHubOptions extends RoomHubOptions {
  readonly logs: ClusterLogs
  readonly directory: ServerDirectory
  readonly bus: ServerBus
  /** The name of this server, for people. Default: its id. */
  readonly name?: string
  readonly clusterTimes?: Partial<ClusterTimes>
  /** Returns a random id. Default: a UUID; a simulation gives its own. */
  readonly newId?: () => string
  /** Receives unexpected errors at calls of other servers. Must not throw. */
  readonly fault?: (cause: unknown, method: string) => void
}

/** A hub whose rooms are spread over all servers of a cluster. */
export interface ClusterHub extends Hub {
  readonly requiresCredential: boolean
  readonly admin: ClusterAdmin
  readonly isReady: boolean
  /** The id of this server. */
  readonly server: string
  loadRoomOf(token: string): Promise<void> | undefined
}

/**
 * Joins a cluster. The hub takes every call for every room: it makes it here if this server owns the room, else at the server
 * that does. `close` hands the rooms over. Rejects with `unavailable` if the directory cannot be reached.
 */
export async function openClusterHub(options: ClusterHubOptions): Promise<ClusterHub> {
  const hub = new SpanningHub(options)
  await hub.start()
  return hub
}

class SpanningHub implements ClusterHub {
  readonly server: string
  readonly log: string
  readonly durability: LogDurability
  readonly requiresCredential: boolean
  readonly admin: ClusterAdmin
  readonly #options: ClusterHubOptions
  readonly #admission: AdmissionDeps
  readonly #admissions = new Admissions()
  readonly #links: Links
  readonly #calls: RemoteCalls
  readonly #service: CallService
  readonly #lease: Lease
  readonly #servers: Servers
  readonly #rooms: OwnedRooms
  readonly #router: Router
  readonly #refused: RefusedTokens
  readonly #entering = new Map<string, Promise<void>>()
  #closing: Promise<void> | undefined

  constructor(options: ClusterHubOptions) {
    const { logs, directory, bus, policy = defaultPolicy, clock = systemClock(), monitor = noopMonitor } = options
    const newId = options.newId ?? (() => crypto.randomUUID())
    const id = newId()
    const counters = new ClusterCounters()
    const times = { ...defaultClusterTimes, ...options.clusterTimes }
    this.#options = options
    this.server = id
    this.log = logs.id
    this.durability = logs.durability
    this.requiresCredential = policy.admit !== undefined
    this.#admission = { policy, clock, monitor, hookTimeoutMs: options.hook_timeout_ms ?? 2000 }
    this.#refused = new RefusedTokens(clock)
    const send = (to: string, item: Item) => this.#links.send(to, item)
    this.#links = new Links({
      ...{ id, bus, clock, counters, newSeries: newId },
      receive: (from, item) => this.#receive(from, item),
      lost: server => this.#lost(server),
      isBusy: server => this.#calls.isBusyWith(server) || this.#service.isBusyWith(server),
    })
    this.#calls = new RemoteCalls(clock, counters, send)
    const entry = () => this.#entry()
    this.#lease = new Lease({ directory, clock, times, counters, monitor, entry })
    const gone = (server: string) => {
      this.#router.gone(server)
      this.#links.forget(server)
    }
    this.#servers = new Servers({ id, directory, clock, times, lease: this.#lease, counters, monitor, gone })
    const { maxRooms, maxSessions, roomOptions } = roomOptionsOf(options, this.#admissions)
    const others = { lease: this.#lease, servers: this.#servers, counters }
    this.#rooms = new OwnedRooms({ id, logs, clock, maxRooms, maxSessions, options: roomOptions, ...others })
    const ownerOf = (room: string) => logs.ownerOf(room)
    const found = { rooms: this.#rooms, entry, ownerOf }
    this.#router = new Router({ id, clock, times, calls: this.#calls, servers: this.#servers, ...found })
    const fault = options.fault ?? (() => {})
    this.#service = new CallService({ id, rooms: this.#rooms, admissions: this.#admissions, counters, send, fault })
    const everyone = { router: this.#router, others: () => this.#servers.others, lease: this.#lease }
    this.admin = new ClusterAdmin({ ...everyone, counters, ...found })
  }

  async start(): Promise<void> {
    await this.#links.start()
    await this.#lease.start()
    await this.#servers.start()
  }

  async join(request: JoinRequest): Promise<HubSession> {
    this.#assertOpen()
    const { room = 'lobby', username, credential: _, ...rest } = request
    if (request.legacy) throw new MidsentenceError('room-unavailable', 'A cluster has no names of a legacy server.')
    const admission = await this.#admit(request, room, { username: validName(username) })
    const asked = { ...rest, room, username }
    return this.#router.at(room, async place => {
      if (!(place instanceof OwnedRoom)) {
        const joined = await this.#calls.call(place, { room, method: 'join', args: [asked, admission] })
        return this.#remember(joined)
      }
      this.#rooms.countJoin()
      const joining = this.#admissions.with(admission, credential => place.hub.join({ ...asked, credential }))
      const session = await place.answer(joining)
      return this.#remember({ ...session.joinResult, now: session.snapshotCursor().cursor })
    })
  }

  get isReady(): boolean {
    return this.#lease.holds
  }

  enter(token: string): HubSession {
    if (this.#closing) throw closingCall()
    const session = this.#router.session(token)
    if (session) return session
    const refused = this.#refused.errorOf(token)
    if (refused) throw refused
    const loading = this.loadRoomOf(token)
    if (!loading) throw unknownToken()
    loading.catch(() => undefined)
    throw notHereYet()
  }

  loadRoomOf(token: string): Promise<void> | undefined {
    if (this.#closing || this.#router.session(token) || this.#refused.errorOf(token)) return undefined
    const hint = readHint(token)
    if (!hint) return undefined
    const before = this.#entering.get(token)
    if (before) return before
    const entering = this.#enter(hint.room, hint.token)
      .catch(error => {
        this.#refused.add(token, error)
        throw error
      })
      .finally(() => this.#entering.delete(token))
    this.#entering.set(token, entering)
    return entering
  }

  /** Only of a room that this server owns; any other throws `room-unavailable`. */
  observe(room: string, observer: RoomObserver): () => void {
    this.#assertOpen()
    const owned = this.#rooms.find(room)
    if (!owned) throw roomUnavailable(room)
    return owned.hub.observe(room, observer)
  }

  async watch(request: WatchRequest, listener: ScoreListener): Promise<ScoreSubscription> {
    this.#assertOpen()
    const { room, credential: _, ...rest } = request
    const admission = await this.#admit(request, room, { username: '', watching: true })
    if (!accessOf(this.#admission.policy, room).recorded) throw roomUnavailable(room)
    const asked = { ...rest, room }
    return this.#router.at(room, async place => {
      if (place instanceof OwnedRoom) {
        const watch = (credential: string) => place.hub.watch!({ ...asked, credential }, listener)
        return place.answer(this.#admissions.with(admission, watch))
      }
      const stream = new RemoteStream(this.#calls, place, listener)
      return stream.opened(this.#calls.call(place, { room, method: 'watch', args: [asked, admission, stream.number] }))
    })
  }

  async listed(): Promise<readonly ListedRoom[]> {
    this.#assertOpen()
    const here = [...this.#rooms].flatMap(({ hub }) => hub.listed())
    const { answers } = await this.admin.everywhere<ListedRoom>('listed', room => room)
    const all = [...here, ...answers]
    return all.sort((a, b) => (b.last_at ?? '').localeCompare(a.last_at ?? '')).slice(0, MAX_LISTED)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const drained = this.#rooms.drain()
    await this.#lease.update()
    await drained
    this.#servers.close()
    this.#router.close()
    this.#calls.close()
    await this.#lease.close()
    await this.#options.directory.remove(this.server).catch(() => undefined)
    await this.#links.close()
  }

  /** Decides whether a caller may come in, before any server owns the room for it. */
  async #admit(
    request: JoinRequest | WatchRequest,
    room: string,
    who: { readonly username: string; readonly watching?: true },
  ): Promise<Admission> {
    assertRoomName(room)
    if (!accessOf(this.#admission.policy, room).open) throw roomUnavailable(room)
    return admitted(this.#admission, request, { room, ...who })
  }

  async #enter(room: string, token: string): Promise<void> {
    const { logs } = this.#options
    // A made-up token makes no server own a room.
    const mayHave =
      this.#router.known(room) || (await logs.ownerOf(room)) !== undefined || (await logs.hasSessions(room))
    if (!mayHave) throw unknownToken()
    await this.#router.at(room, async place => {
      if (!(place instanceof OwnedRoom))
        return this.#remember(await this.#calls.call(place, { room, method: 'enter', args: [], token }))
      const session = await place.answer(place.session(token))
      return this.#remember({ ...session.joinResult, now: session.snapshotCursor().cursor })
    })
  }

  #remember(joined: unknown): HubSession {
    const { now, ...joinResult } = joined as JoinResult & { readonly now: number }
    return this.#router.remember(new ClusterSession(this.#router, joinResult, now))
  }

  #receive(from: string, item: Item): void {
    if (item.t === 'done' || item.t === 'failed' || item.t === 'moved' || item.t === 'event') this.#calls.receive(item)
    else this.#service.receive(from, item)
  }

  #lost(server: string): void {
    this.#calls.lost(server)
    this.#service.lost(server)
  }

  #entry(): ServerEntry {
    const { server: id } = this
    const { size: rooms, draining } = this.#rooms
    return { id, name: this.#options.name ?? id, rooms, ...(draining && { draining }) }
  }

  #assertOpen(): void {
    if (this.#closing) throw clusterClosing()
  }
}

/** Returns the options of the hubs of single rooms. */
function roomOptionsOf(options: ClusterHubOptions, admissions: Admissions) {
  const {
    logs: _,
    directory: __,
    bus: ___,
    name,
    clusterTimes,
    newId,
    fault,
    policy = defaultPolicy,
    ...rest
  } = options
  const { rooms: maxRooms, sessions: maxSessions } = { ...defaultBounds, ...options.bounds }
  const roomOptions: RoomHubOptions = { ...rest, policy: admissions.policyOf(policy) }
  return { maxRooms, maxSessions, roomOptions }
}
