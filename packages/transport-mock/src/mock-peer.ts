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
import { BehaviorSubject, type Observable } from 'rxjs'
import { Attempts } from './attempts.ts'
import { Buffered } from './buffered.ts'
import { Connection } from './connection.ts'
import { known, welcomeTo } from './entering.ts'
import type { Downward, Upward } from './frames.ts'
import { type Fault, type Gate, Wire } from './network.ts'

export interface PeerOptions {
  /** The line heals by itself so many milliseconds after a cut. Default: when the script says so. */
  readonly healsAfter?: number
}

/** A room as its peers see it. */
export interface PeersRoom {
  readonly name: string
  readonly clock: Clock
  readonly settings: RoomSettings
  /** How long a frame travels, in milliseconds. */
  readonly latency: number
  readonly gate: Gate
  readonly hub: Promise<Hub>
}

/** A publish whose answer takes longer than this is given up, and asked again by its key. */
const ANSWER_MS = 5_000

const supports: Supports = { ids: true, resume: true, echo: true, conditional: true, keys: true }

/** One participant's transport to a mock room, and the script of faults on its line. */
export interface MockPeer extends Transport {
  /** Plays one fault now. */
  fault(fault: Fault): void
}

export const mockPeer = (room: PeersRoom, options: PeerOptions): MockPeer => new Peer(room, options)

/** Where one has come in: who asked, and the session that was found or made. */
interface Place {
  readonly hub: Hub
  readonly hello: OpenRequest
  readonly session: HubSession
}

class Peer implements MockPeer {
  readonly supports = supports
  readonly #room: PeersRoom
  readonly #healsAfter: number | undefined
  readonly #inbound: Buffered<Inbound> = new Buffered()
  readonly #link = new BehaviorSubject<Link>({ state: 'down', reason: 'not connected yet' })
  readonly #up: Wire<Upward>
  readonly #down: Wire<Downward>
  readonly #attempts: Attempts
  /** Somebody comes in, for the first time or again. */
  #entering: Promise<OpenResult> | undefined
  #place: Place | undefined
  #connection: Connection | undefined
  #rejoining = false
  #cut = false
  #closed = false
  #closing: Promise<void> | undefined
  /** Where reading goes on after a cut. */
  #after: Seq = 0

  constructor(room: PeersRoom, { healsAfter }: PeerOptions) {
    this.#room = room
    this.#healsAfter = healsAfter
    this.#attempts = new Attempts(room.clock)
    const lost = () => this.#break('a frame was lost')
    this.#up = new Wire(room, frame => this.#connection?.take(frame), lost)
    this.#down = new Wire(room, frame => this.#take(frame), lost)
  }

  get inbound$(): Observable<Inbound> {
    return this.#inbound.observable
  }

  get link$(): Observable<Link> {
    return this.#link
  }

  async open(hello: OpenRequest): Promise<OpenResult> {
    if (this.#closed) throw new MidsentenceError('unavailable', 'This transport was closed: make a new one.')
    if (this.#entering)
      throw new MidsentenceError('invalid-params', 'This transport is open already: one for each participant.')
    if (hello.room !== this.#room.name)
      throw new MidsentenceError('room-unavailable', `There is no room ${hello.room} here.`)
    if (this.#cut) throw new MidsentenceError('unavailable', 'The line to the room is cut: heal it and join again.')
    this.#entering = this.#enter(hello)
    const welcome = await this.#entering
    this.#connect()
    return welcome
  }

  publish(request: PublishRequest): Promise<Verdict> {
    if (this.#closed || !this.#place) return Promise.reject(left())
    if (!this.#connection)
      return Promise.reject(
        unavailable('The line to the room is down. Nothing was sent; your draft is kept.', request.isRetry),
      )
    const { settings, latency } = this.#room
    const wait = (request.timeout_ms ?? settings.push_wait_ms) + ANSWER_MS + 2 * latency
    return this.#attempts.make(wait, attempt => this.#up.send({ type: 'publish', attempt, request }))
  }

  resume(after: Seq): void {
    this.#after = after
    if (this.#connection) this.#up.send({ type: 'resume', after })
  }

  yield(): void {
    if (this.#connection) this.#up.send({ type: 'yield' })
  }

  showDraft(facts: readonly DraftEvent[], rev: number): void {
    if (this.#connection) this.#up.send({ type: 'show', facts, rev })
  }

  close(): Promise<void> {
    if (!this.#closing) {
      this.#closed = true
      this.#closing = this.#close()
    }
    return this.#closing
  }

  fault(fault: Fault): void {
    switch (fault.type) {
      case 'cut':
        return this.#break('the line was cut')
      case 'heal':
        return this.#heal()
      default:
        return (fault.to === 'room' ? this.#up : this.#down).script(fault.type, fault.type === 'delay' ? fault.ms : 0)
    }
  }

  /** Comes in: back into a session that is still known, else as somebody new. */
  async #enter(hello: OpenRequest): Promise<OpenResult> {
    const hub = await this.#room.hub
    const { room, username, secret, credential, person, resume } = hello
    const shows = { ...(credential !== undefined && { credential }), ...(person && { person }) }
    const before = resume && known(hub, resume.session)
    const session = before ?? (await hub.join({ room, username, ...shows, ...(secret !== undefined && { secret }) }))
    if (this.#closed) {
      await session.leave()
      throw left()
    }
    this.#place = { hub, hello, session }
    const welcome = welcomeTo(session, hello, before && resume)
    this.#after = welcome.cursor
    return welcome
  }

  /** The line is there, and somebody who uses it. */
  #connect(): void {
    if (this.#cut || this.#closed || !this.#place) return
    const { session } = this.#place
    this.#connection = new Connection({
      session,
      after: this.#after,
      send: frame => this.#down.send(frame),
      lost: reason => this.#lose(reason),
    })
    this.#link.next({ state: 'up' })
  }

  #break(reason: string): void {
    if (this.#cut || this.#closed) return
    this.#cut = true
    this.#disconnect()
    if (this.#place) this.#link.next({ state: 'down', reason })
    this.#attempts.giveUp()
    // A line that broke over a lost frame comes back by itself, as connections do.
    const ms = reason === 'the line was cut' ? this.#healsAfter : 0
    if (ms !== undefined) this.#room.clock.after(ms, () => this.#heal())
  }

  #heal(): void {
    if (!this.#cut || this.#closed) return
    this.#cut = false
    this.#up.heal()
    this.#down.heal()
    if (!this.#place) return
    const { hub, session } = this.#place
    if (known(hub, session.joinResult)) this.#connect()
    else void this.#rejoin(this.#place)
  }

  /** The room has given up one's place meanwhile: one comes in anew, and tells. */
  async #rejoin({ hello: { resume: _, ...hello } }: Place): Promise<void> {
    if (this.#rejoining) return
    this.#rejoining = true
    this.#entering = this.#enter(hello)
    try {
      this.#inbound.next({ type: 'rejoined', welcome: await this.#entering })
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
    this.#up.cut()
    this.#down.cut()
  }

  /** The room ended it: the line does not come back. */
  #lose(reason: string): void {
    if (this.#closed || !this.#place) return
    this.#place = undefined
    this.#disconnect()
    this.#link.next({ state: 'lost', reason })
    this.#link.complete()
    this.#attempts.giveUp()
  }

  async #close(): Promise<void> {
    this.#disconnect()
    const leaving = this.#place?.session.leave()
    this.#attempts.giveUp(left())
    this.#inbound.complete()
    this.#link.complete()
    // Whoever is coming in just now leaves again by itself.
    await Promise.allSettled([leaving, this.#entering])
  }

  #take(frame: Downward): void {
    if (frame.type === 'verdict') return this.#attempts.resolve(frame.attempt, frame.verdict)
    if (frame.type === 'refused') return this.#attempts.reject(frame.attempt, frame.error)
    // What came behind a gap does not count as read: after a cut it is asked for again.
    if (frame.item.type === 'message' && frame.item.message.seq === this.#after + 1) this.#after++
    this.#inbound.next(frame.item)
  }
}

const left = () => new MidsentenceError('session-unknown', 'This session has left the room. Join again to go on.')
const unavailable = (message: string, unknown: boolean) =>
  new MidsentenceError('unavailable', message, { data: unknown ? { unknown } : { retry_after_ms: 1000 } })
