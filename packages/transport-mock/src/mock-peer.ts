import {
  type Clock,
  type DraftEvent,
  type Inbound,
  type Link,
  MidsentenceError,
  type OpenRequest,
  type OpenResult,
  type PublishRequest,
  type RoomSettings,
  type Seq,
  type Supports,
  type Transport,
  type Verdict,
} from '@midsentence/core'
import type { Hub, HubSession } from '@midsentence/core/hub'
import { BufferedSubject } from '@midsentence/core/rpc-client'
import { BehaviorSubject, type Observable } from 'rxjs'
import type { ClientFrame, ServerFrame } from './frames.ts'
import { HubConnection } from './hub-connection.ts'
import { PendingPublishes } from './pending-publishes.ts'
import { findSession, openResultOf } from './sessions.ts'
import { type Gate, type LinkFault, SimulatedLink } from './simulated-link.ts'

export interface PeerOptions {
  /** Milliseconds after a cut until the peer connects again. Default: not before a `restore` fault. */
  readonly reconnectAfterMs?: number
}

/** What a peer needs of its room. */
export interface PeerRoom {
  readonly name: string
  readonly clock: Clock
  readonly settings: RoomSettings
  /** Latency of a frame in milliseconds. */
  readonly latency: number
  readonly gate: Gate
  readonly hub: Promise<Hub>
}

/** Milliseconds beyond its own timeout after which a publish rejects; the participant then retries it by its key. */
const ANSWER_MS = 5_000

const supports: Supports = { ids: true, resume: true, echo: true, conditional: true, keys: true, writing: true }

/** One participant's transport to a mock room, with injectable faults. */
export interface MockPeer extends Transport {
  /** Applies one fault now. */
  injectFault(fault: LinkFault): void
}

export const mockPeer = (room: PeerRoom, options: PeerOptions): MockPeer => new MockPeerTransport(room, options)

/** The session of a peer, with the request that opened it. */
interface PeerSession {
  readonly hub: Hub
  readonly request: OpenRequest
  readonly session: HubSession
}

class MockPeerTransport implements MockPeer {
  readonly supports = supports
  readonly #room: PeerRoom
  readonly #reconnectAfterMs: number | undefined
  readonly #inbound = new BufferedSubject<Inbound>()
  readonly #link = new BehaviorSubject<Link>({ state: 'down', reason: 'not connected yet' })
  readonly #toRoom: SimulatedLink<ClientFrame>
  readonly #toPeer: SimulatedLink<ServerFrame>
  readonly #publishes: PendingPublishes
  /** The join or resume in progress, or the last one. */
  #opening: Promise<OpenResult> | undefined
  #session: PeerSession | undefined
  #connection: HubConnection | undefined
  #rejoining = false
  #cut = false
  #closed = false
  #closing: Promise<void> | undefined
  /** The last seq received without a gap: reading resumes here after a cut. */
  #after: Seq = 0

  constructor(room: PeerRoom, { reconnectAfterMs }: PeerOptions) {
    this.#room = room
    this.#reconnectAfterMs = reconnectAfterMs
    this.#publishes = new PendingPublishes(room.clock)
    const onDropped = () => this.#break('a frame was lost')
    this.#toRoom = new SimulatedLink(room, frame => this.#connection?.receive(frame), onDropped)
    this.#toPeer = new SimulatedLink(room, frame => this.#receive(frame), onDropped)
  }

  get inbound$(): Observable<Inbound> {
    return this.#inbound.values$
  }

  get link$(): Observable<Link> {
    return this.#link
  }

  async open(request: OpenRequest): Promise<OpenResult> {
    if (this.#closed) throw new MidsentenceError('unavailable', 'This transport is closed. Make a new one.')
    if (this.#opening)
      throw new MidsentenceError('invalid-params', 'This transport is already open. Make one for each participant.')
    if (request.room !== this.#room.name)
      throw new MidsentenceError('room-unavailable', `There is no room ${request.room} here.`)
    if (this.#cut)
      throw new MidsentenceError('unavailable', 'The connection to the room is cut. Restore it and join again.')
    this.#opening = this.#openSession(request)
    const opened = await this.#opening
    this.#connect()
    return opened
  }

  publish(request: PublishRequest): Promise<Verdict> {
    if (this.#closed || !this.#session) return Promise.reject(left())
    if (!this.#connection)
      return Promise.reject(
        unavailable('The connection to the room is down. Nothing was sent; your draft is kept.', request.isRetry),
      )
    const { settings, latency } = this.#room
    const wait = (request.timeout_ms ?? settings.push_wait_ms) + ANSWER_MS + 2 * latency
    return this.#publishes.start(wait, id => this.#toRoom.send({ type: 'publish', id, request }))
  }

  resume(after: Seq): void {
    this.#after = after
    if (this.#connection) this.#toRoom.send({ type: 'resume', after })
  }

  yield(): void {
    if (this.#connection) this.#toRoom.send({ type: 'yield' })
  }

  async hush(on: boolean): Promise<boolean> {
    if (this.#closed || !this.#session) throw left()
    return this.#session.session.hush(on)
  }

  showDraft(facts: readonly DraftEvent[], rev: number): void {
    if (this.#connection) this.#toRoom.send({ type: 'draft', facts, rev })
  }

  showWriting(writing: boolean): void {
    if (this.#connection) this.#toRoom.send({ type: 'writing', writing })
  }

  close(): Promise<void> {
    if (!this.#closing) {
      this.#closed = true
      this.#closing = this.#close()
    }
    return this.#closing
  }

  injectFault(fault: LinkFault): void {
    switch (fault.type) {
      case 'cut':
        return this.#break('the connection was cut')
      case 'restore':
        return this.#restore()
      default:
        return (fault.to === 'room' ? this.#toRoom : this.#toPeer).addFault(
          fault.type,
          fault.type === 'delay' ? fault.ms : 0,
        )
    }
  }

  /** Resumes the session that `request` names if the hub still knows it, else joins. */
  async #openSession(request: OpenRequest): Promise<OpenResult> {
    const hub = await this.#room.hub
    const { room, username, secret, credential, person, typing_indicator, since, resume } = request
    const identity = {
      ...(credential !== undefined && { credential }),
      ...(person && { person }),
      ...(typing_indicator === false && { typing_indicator }),
    }
    const before = resume && findSession(hub, resume.session)
    const start = since === undefined ? {} : typeof since === 'number' ? { since } : { last: since.last }
    const joining = { room, username, ...identity, ...start, ...(secret !== undefined && { secret }) }
    const session = before ?? (await hub.join(joining))
    if (this.#closed) {
      await session.leave()
      throw left()
    }
    this.#session = { hub, request, session }
    const opened = openResultOf(session, request, before && resume)
    this.#after = opened.cursor
    return opened
  }

  /** Connects the session to the hub, if there is one and the link is not cut. */
  #connect(): void {
    if (this.#cut || this.#closed || !this.#session) return
    const { session } = this.#session
    this.#connection = new HubConnection({
      session,
      after: this.#after,
      send: frame => this.#toPeer.send(frame),
      onLost: reason => this.#lose(reason),
    })
    this.#link.next({ state: 'up' })
  }

  #break(reason: string): void {
    if (this.#cut || this.#closed) return
    this.#cut = true
    this.#disconnect()
    if (this.#session) this.#link.next({ state: 'down', reason })
    this.#publishes.rejectAll()
    // A link that broke over a lost frame reconnects at once, as a client would.
    const ms = reason === 'the connection was cut' ? this.#reconnectAfterMs : 0
    if (ms !== undefined) this.#room.clock.after(ms, () => this.#restore())
  }

  #restore(): void {
    if (!this.#cut || this.#closed) return
    this.#cut = false
    this.#toRoom.restore()
    this.#toPeer.restore()
    if (!this.#session) return
    const { hub, session, request } = this.#session
    const { sender_id } = session.joinResult
    if (!findSession(hub, session.joinResult)) return void this.#rejoin(this.#session)
    this.#connect()
    // Another participant may have taken its name.
    if (session.joinResult.sender_id === sender_id) return
    const welcome = { ...openResultOf(session, request), cursor: this.#after, resumed: true }
    this.#inbound.next({ type: 'rejoined', welcome })
  }

  /** Joins again after the hub expired the session, and emits `rejoined`. */
  async #rejoin({ request: { resume: _, since: __, ...request } }: PeerSession): Promise<void> {
    if (this.#rejoining) return
    this.#rejoining = true
    this.#opening = this.#openSession(request)
    try {
      this.#inbound.next({ type: 'rejoined', welcome: await this.#opening })
      this.#connect()
    } catch (error) {
      this.#lose((error as Error).message)
    } finally {
      this.#rejoining = false
    }
  }

  #disconnect(): void {
    this.#connection?.close()
    this.#connection = undefined
    this.#toRoom.cut()
    this.#toPeer.cut()
  }

  /** Ends the link for good. */
  #lose(reason: string): void {
    if (this.#closed || !this.#session) return
    this.#session = undefined
    this.#disconnect()
    this.#link.next({ state: 'lost', reason })
    this.#link.complete()
    this.#publishes.rejectAll()
  }

  async #close(): Promise<void> {
    this.#disconnect()
    const leaving = this.#session?.session.leave()
    this.#publishes.rejectAll(left())
    this.#inbound.complete()
    this.#link.complete()
    // A join in progress leaves by itself once it sees `#closed`.
    await Promise.allSettled([leaving, this.#opening])
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'verdict') return this.#publishes.resolve(frame.id, frame.verdict)
    if (frame.type === 'error') return this.#publishes.reject(frame.id, frame.error)
    // A message after a gap does not count as read, so a reconnect asks for it again.
    if (frame.item.type === 'message' && frame.item.message.seq === this.#after + 1) this.#after++
    this.#inbound.next(frame.item)
  }
}

const left = () => new MidsentenceError('session-unknown', 'This session has left the room. Join again to continue.')
const unavailable = (message: string, unknown: boolean) =>
  new MidsentenceError('unavailable', message, { data: unknown ? { unknown } : { retry_after_ms: 1000 } })
