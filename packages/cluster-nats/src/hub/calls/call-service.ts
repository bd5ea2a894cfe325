import type { Admission } from '@midsentence/core'
import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import type {
  CallOptions,
  CursorSnapshot,
  JoinRequest,
  RoomSubscription,
  ScoreSubscription,
  WatchRequest,
} from '@midsentence/core/hub'
import type { Admissions } from '../admissions.ts'
import type { ClusterCounters } from '../cluster-counters.ts'
import { isUndone } from '../cluster-errors.ts'
import type { OwnedRoom } from '../owner/owned-room.ts'
import type { OwnedRooms } from '../owner/owned-rooms.ts'
import { type AdminCall, runAdmin } from './admin-calls.ts'
import type { CarriedError, CarriedOptions, Item } from './frames.ts'
import { isSessionMethod, mayWait, runOn } from './session-methods.ts'
import { SendingListener } from './stream-events.ts'

/** How many cursor snapshots are remembered, until calls that came with them have run. */
const MAX_SNAPSHOTS = 10_000

/** Methods that need no room of this server. */
const serverMethods: ReadonlySet<string> = new Set(['own', 'rooms', 'listed'])

type CallItem = Extract<Item, { readonly t: 'call' }>

export interface CallServiceDeps {
  readonly id: string
  readonly rooms: OwnedRooms
  readonly admissions: Admissions
  readonly counters: ClusterCounters
  send(to: string, item: Item): void
  /** Called with errors that are not answers. */
  fault(cause: unknown, method: string): void
}

interface Stream {
  readonly server: string
  readonly listener: SendingListener
  subscription: RoomSubscription | ScoreSubscription | undefined
}

/** Answers the calls of other servers for the rooms that this one owns. */
export class CallService {
  readonly #deps: CallServiceDeps
  /** Calls that may wait, by server and id. */
  readonly #waiting = new Map<string, { readonly server: string; readonly controller: AbortController }>()
  readonly #streams = new Map<string, Stream>()
  readonly #snapshots = new Map<string, CursorSnapshot>()

  constructor(deps: CallServiceDeps) {
    this.#deps = deps
  }

  isBusyWith(server: string): boolean {
    for (const each of this.#waiting.values()) if (each.server === server) return true
    for (const each of this.#streams.values()) if (each.server === server) return true
    return false
  }

  receive(from: string, item: Item): void {
    if (item.t === 'call') void this.#answer(from, item)
    else if (item.t === 'cancel') this.#waiting.get(`${from} ${item.id}`)?.controller.abort()
    else if (item.t === 'close') this.#close(`${from} ${item.stream}`)
    else if (item.t === 'resume') {
      const stream = this.#streams.get(`${from} ${item.stream}`)
      if (stream && (item.taken === undefined || stream.listener.taken(item.taken))) stream.subscription?.resume()
    }
  }

  /** Ends the calls and streams of a server. */
  lost(server: string): void {
    for (const { server: from, controller } of this.#waiting.values()) if (from === server) controller.abort()
    for (const [key, stream] of this.#streams) if (stream.server === server) this.#close(key)
  }

  async #answer(from: string, call: CallItem): Promise<void> {
    const { send, rooms, counters, fault } = this.#deps
    counters.callsReceived++
    const { id, room, method } = call
    const owned = rooms.find(room)
    const isForRoom = !serverMethods.has(method)
    if (isForRoom && (!owned || owned.hasEnded)) {
      if (id !== undefined) send(from, { t: 'moved', id })
      return
    }
    try {
      const value = await this.#run(from, call, owned!)
      if (id !== undefined) send(from, { t: 'done', id, ...(value !== undefined && { value }) })
    } catch (error) {
      if (!isMidsentenceError(error)) fault(error, method)
      if (id === undefined) return
      if (owned?.hasEnded && isUndone(error)) send(from, { t: 'moved', id })
      else send(from, { t: 'failed', id, error: carriedError(error) })
    }
  }

  /** Effects come before this returns, where the session is in memory. */
  #run(from: string, call: CallItem, owned: OwnedRoom): Promise<unknown> {
    const { method, args, room } = call
    if (isSessionMethod(method)) return this.#runOnSession(from, call, owned)
    switch (method) {
      case 'own':
        return this.#deps.rooms.acquire(room).then(place => (typeof place === 'string' ? place : this.#deps.id))
      case 'join':
        return this.#join(owned, args[0] as JoinRequest, args[1] as Admission)
      case 'enter':
        return owned.answer(this.#enter(owned, call.token!))
      case 'subscribe':
        return this.#subscribe(from, owned, call.token!, args[0] as number, args[1] as number | undefined)
      case 'watch':
        return this.#watch(from, owned, args)
      case 'admin':
        return owned.answer(runAdmin(owned.hub.admin, args[0] as AdminCall, args.slice(1)))
      case 'rooms':
        return Promise.resolve([...this.#deps.rooms].flatMap(({ hub }) => hub.admin.rooms()))
      case 'listed':
        return Promise.resolve([...this.#deps.rooms].flatMap(({ hub }) => hub.listed()))
      default:
        return Promise.reject(new MidsentenceError('method-not-found', `Servers have no method ${method}.`))
    }
  }

  async #join(owned: OwnedRoom, request: JoinRequest, admission: Admission): Promise<unknown> {
    this.#deps.rooms.countJoin()
    const joined = this.#deps.admissions.with(admission, credential => owned.hub.join({ ...request, credential }))
    const session = await owned.answer(joined)
    return { ...session.joinResult, now: session.snapshotCursor().cursor }
  }

  async #enter(owned: OwnedRoom, token: string): Promise<unknown> {
    const session = await owned.session(token)
    return { ...session.joinResult, now: session.snapshotCursor().cursor }
  }

  #runOnSession(from: string, call: CallItem, owned: OwnedRoom): Promise<unknown> {
    const { id, method, args, token } = call
    if (!isSessionMethod(method)) throw new TypeError(method)
    // A caller may be gone before the room is in memory.
    const key = mayWait(method) && id !== undefined ? `${from} ${id}` : undefined
    const signal = key === undefined ? undefined : this.#cancellable(from, key)
    const run = (): Promise<unknown> => {
      const session = owned.enter(token!)
      if (session instanceof Promise) return session
      const options = this.#optionsOf(from, call.options, () => session.snapshotCursor(), signal)
      return owned.answer(runOn(session, method, args, options))
    }
    const loading = owned.hub.loadRoomOf(token!)
    const answer = loading ? loading.then(run) : run()
    return key === undefined ? answer : answer.finally(() => this.#waiting.delete(key))
  }

  #cancellable(server: string, key: string): AbortSignal {
    const controller = new AbortController()
    this.#waiting.set(key, { server, controller })
    return controller.signal
  }

  #optionsOf(
    from: string,
    carried: CarriedOptions = {},
    take: () => CursorSnapshot,
    signal: AbortSignal | undefined,
  ): CallOptions {
    const { snapshot, ...options } = carried
    if (snapshot === undefined) return { ...options, signal }
    const key = `${from} ${snapshot}`
    const cursorSnapshot = this.#snapshots.get(key) ?? take()
    this.#snapshots.set(key, cursorSnapshot)
    const [oldest] = this.#snapshots.keys()
    if (this.#snapshots.size > MAX_SNAPSHOTS) this.#snapshots.delete(oldest!)
    return { ...options, cursorSnapshot, signal }
  }

  async #subscribe(from: string, owned: OwnedRoom, token: string, stream: number, after?: number): Promise<number> {
    return this.#open(from, stream, async listener => {
      const session = await owned.answer(owned.session(token))
      return owned.answer(session.subscribe(listener, after))
    }).then(({ cursor }) => cursor)
  }

  async #watch(from: string, owned: OwnedRoom, args: readonly unknown[]): Promise<number> {
    const [request, admission, stream] = args as [WatchRequest, Admission, number]
    const { admissions } = this.#deps
    return this.#open(from, stream, listener =>
      owned.answer(admissions.with(admission, credential => owned.hub.watch!({ ...request, credential }, listener))),
    ).then(({ position }) => position)
  }

  async #open<S extends RoomSubscription | ScoreSubscription>(
    server: string,
    number: number,
    subscribe: (listener: SendingListener) => Promise<S>,
  ): Promise<S> {
    const key = `${server} ${number}`
    const listener = new SendingListener(
      (kind, value) => this.#deps.send(server, { t: 'event', streams: [number], kind, value }),
      () => this.#streams.delete(key),
    )
    const stream: Stream = { server, listener, subscription: undefined }
    this.#streams.set(key, stream)
    try {
      const subscription = await subscribe(listener)
      stream.subscription = subscription
      // Closed, or its server lost, meanwhile.
      if (this.#streams.get(key) !== stream) subscription.close()
      return subscription
    } catch (error) {
      this.#streams.delete(key)
      throw error
    }
  }

  #close(key: string): void {
    this.#streams.get(key)?.subscription?.close()
    this.#streams.delete(key)
  }
}

function carriedError(error: unknown): CarriedError {
  if (!isMidsentenceError(error)) return { code: 'internal', message: 'The server failed at this call.', data: {} }
  const { code, message, data } = error
  return { code, message, data }
}
