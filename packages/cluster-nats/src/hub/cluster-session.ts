import type { DraftEvent, Seq } from '@midsentence/core'
import type {
  CallOptions,
  CursorSnapshot,
  HubSession,
  JoinResult,
  LocalSession,
  RoomListener,
  RoomSubscription,
} from '@midsentence/core/hub'
import { RemoteSnapshot } from './calls/remote-calls.ts'
import { RemoteStream } from './calls/remote-stream.ts'
import { mayWait, runOn, type SessionMethod } from './calls/session-methods.ts'
import { isOwnerLost, isUndone, noOwner, ownerLost } from './cluster-errors.ts'
import { OwnedRoom } from './owner/owned-room.ts'
import type { Place } from './owner/owned-rooms.ts'
import type { Router } from './router.ts'
import { withRoom } from './tokens.ts'

type Answer<M extends keyof HubSession> = HubSession[M] extends (...args: never[]) => infer R ? Awaited<R> : never

/** A session of a room that this or another server owns. It goes on where the room moves. */
export class ClusterSession implements HubSession {
  readonly joinResult: JoinResult
  readonly #router: Router
  /** The token that the owner knows. */
  readonly #token: string
  readonly #room: string
  /** The cursor of its last answer. */
  #cursor: number
  /** How many calls were made. */
  #calls = 0
  /** The latest of them that was answered. */
  #answered = 0
  /** Resolves once the calls before have been made, while the owner of the room is looked for. */
  #locating: Promise<unknown> | undefined

  /** `joinResult` is the owner's; `cursor`: where the session is now. */
  constructor(router: Router, joinResult: JoinResult, cursor: number) {
    this.#router = router
    this.#token = joinResult.token
    this.#room = joinResult.room
    this.joinResult = { ...joinResult, token: withRoom(joinResult.token, joinResult.room) }
    this.#cursor = cursor
  }

  snapshotCursor(): CursorSnapshot {
    return this.#here()?.snapshotCursor() ?? this.#router.calls.snapshot(this.#cursor)
  }

  append: HubSession['append'] = (request, options) => this.#call('append', [request], options)
  undo: HubSession['undo'] = (request, options) => this.#call('undo', [request], options)
  reset: HubSession['reset'] = (request, options) => this.#call('reset', [request], options)
  preview: HubSession['preview'] = (request, options) => this.#call('preview', [request], options)
  push: HubSession['push'] = (request, options) => this.#call('push', [request], options)
  publish: HubSession['publish'] = (request, options) => this.#call('publish', [request], options)
  check: HubSession['check'] = (request, options) => this.#call('check', [request], options)

  async resume(): ReturnType<HubSession['resume']> {
    const result = await this.#call('resume', [])
    return { ...result, token: this.joinResult.token }
  }

  who(): Promise<Answer<'who'>> {
    return this.#call('who', [])
  }

  yield(): Promise<boolean> {
    return this.#call('yield', [])
  }

  hush(on: boolean): Promise<boolean> {
    return this.#call('hush', [on])
  }

  async leave(): Promise<void> {
    await this.#call('leave', [])
    this.#router.forget(this)
  }

  sendUnconditionally(content: string): Promise<Answer<'sendUnconditionally'>> {
    return this.#call('sendUnconditionally', [content])
  }

  showDraft(facts: readonly DraftEvent[], rev: number): void {
    this.#cast('showDraft', [facts, rev])
  }

  get ended(): boolean {
    return this.#here()?.ended === true
  }

  showWriting(writing: boolean): void {
    this.#cast('showWriting', [writing])
  }

  charge(points: number): void {
    this.#cast('charge', [points])
  }

  subscribe(listener: RoomListener, after?: Seq): Promise<RoomSubscription> {
    return this.#at(async place => {
      if (place instanceof OwnedRoom) {
        const session = await place.answer(place.session(this.#token))
        return place.answer(session.subscribe(listener, after))
      }
      const stream = new RemoteStream(this.#router.calls, place, listener)
      const args = after === undefined ? [stream.number] : [stream.number, after]
      return stream.opened(
        this.#router.calls.call(place, { room: this.#room, method: 'subscribe', args, token: this.#token }),
      )
    })
  }

  #call<M extends SessionMethod>(method: M, args: readonly unknown[], options?: CallOptions): Promise<Answer<M>> {
    const call = ++this.#calls
    let tried = false
    const make = () =>
      this.#at(place => {
        // An owner that ends may refuse a call and answer a later one: made elsewhere now, it would come after that.
        if (tried && this.#answered > call) throw noOwner(this.#room)
        tried = true
        return this.#run(place, method, args, options)
      })
    // The owner may have ended: what the call did, a repetition by its key has done. After a later call it would be too late.
    const answer = isRepeatable(method, args)
      ? make().catch(error => (isOwnerLost(error) && call === this.#calls ? make() : fail(error)))
      : make()
    const known = answer.catch(error => fail(hasKey(args) && isUndone(error) ? ownerLost(error) : error))
    return known.then(value => {
      this.#answered = Math.max(this.#answered, call)
      const { cursor } = Object(value)
      if (typeof cursor === 'number') this.#cursor = Math.max(this.#cursor, cursor)
      return value as Answer<M>
    })
  }

  #run(place: Place, method: SessionMethod, args: readonly unknown[], options?: CallOptions): Promise<unknown> {
    const token = this.#token
    if (!(place instanceof OwnedRoom)) {
      const call = { room: this.#room, method, args, token, waits: mayWait(method) }
      return this.#router.calls.call(place, options ? { ...call, options } : call)
    }
    const run = () => {
      const session = place.enter(token)
      return session instanceof Promise ? session : place.answer(runOn(session, method, args, localOptions(options)))
    }
    const loading = place.hub.loadRoomOf(token)
    return loading ? loading.then(run) : run()
  }

  /** Makes a call that is not answered, where the owner is known. */
  #cast(method: SessionMethod, args: readonly unknown[]): void {
    this.#call(method, args).catch(() => undefined)
  }

  /** Makes a call at the place of the room, after the calls before it. */
  #at<T>(call: (place: Place) => Promise<T>): Promise<T> {
    const place = this.#locating ? undefined : this.#router.known(this.#room)
    if (place) return this.#router.at(this.#room, call, place).catch(error => this.#refuse(error))
    const placed = (this.#locating ?? Promise.resolve()).then(() => this.#router.locate(this.#room))
    const made = placed.then(
      place => ({ answer: this.#router.at(this.#room, call, place) }),
      error => ({ answer: Promise.reject(error) as Promise<T> }),
    )
    this.#locating = made
    return made.then(({ answer }) => {
      if (this.#locating === made) this.#locating = undefined
      return answer.catch(error => this.#refuse(error))
    })
  }

  #refuse(error: unknown): never {
    this.#router.refused(this, error)
    throw error
  }

  #here(): LocalSession | undefined {
    const place = this.#router.known(this.#room)
    if (!(place instanceof OwnedRoom)) return undefined
    try {
      return place.hub.enter(this.#token)
    } catch {
      return undefined
    }
  }
}

/** Whether a second call has no second effect, and gives what the first one gave. */
const isRepeatable = (method: SessionMethod, args: readonly unknown[]): boolean =>
  method === 'who' || method === 'resume' || hasKey(args)

/** Whether a call may have been made already, by a copy of it that came to another server. */
const hasKey = (args: readonly unknown[]): boolean => Object(args[0]).key !== undefined

const fail = (error: unknown): never => {
  throw error
}

/** A snapshot of a session elsewhere says nothing here: the room has moved since. */
function localOptions(options: CallOptions | undefined): CallOptions | undefined {
  if (!(options?.cursorSnapshot instanceof RemoteSnapshot)) return options
  const { notification, mayWait, concurrent } = options
  return {
    ...(notification && { notification }),
    ...(mayWait === false && { mayWait }),
    ...(concurrent && { concurrent }),
  }
}
