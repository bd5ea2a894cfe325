import {
  type Hello,
  type Inbound,
  isMidsentenceError,
  type Link,
  MidsentenceError,
  type PublishRequest,
  type Seq,
  type Supports,
  type Transport,
  type Verdict,
  type Welcome,
} from '@midsentence/core'
import { BehaviorSubject, Observable, Subject } from 'rxjs'
import type { Downward, Upward } from './frames.ts'
import type { Member, RoomSide } from './member.ts'
import { type Fault, Wire } from './network.ts'

export interface PeerOptions {
  /** The line heals by itself so many milliseconds after a cut. Default: when the script says so. */
  readonly healsAfter?: number
}

/** A publish whose answer takes longer than this is given up, and asked again by its key. */
const ANSWER_MS = 5_000

const supports: Supports = { ids: true, resume: true, echo: true, conditional: true, keys: true }

/** One participant's transport to a mock room, and the script of faults on its line. */
export interface MockPeer extends Transport {
  /** Plays one fault now. */
  fault(fault: Fault): void
}

export const mockPeer = (room: RoomSide, options: PeerOptions): MockPeer => new Peer(room, options)

interface Attempt {
  resolve(verdict: Verdict): void
  reject(error: MidsentenceError): void
}

class Peer implements MockPeer {
  readonly supports = supports
  readonly #room: RoomSide
  readonly #healsAfter: number | undefined
  readonly #inbound: Buffered<Inbound> = new Buffered()
  readonly #link = new BehaviorSubject<Link>({ state: 'down', reason: 'not connected yet' })
  readonly #up: Wire<Upward>
  readonly #down: Wire<Downward>
  readonly #attempts = new Map<number, Attempt>()
  #attempt = 0
  #member: Member | undefined
  #cut = false
  #closed = false
  /** Where reading goes on after a cut. */
  #after: Seq = 0

  constructor(room: RoomSide, { healsAfter }: PeerOptions) {
    this.#room = room
    this.#healsAfter = healsAfter
    const { clock, latency } = room
    this.#up = new Wire(
      clock,
      latency,
      frame => this.#atRoom(frame),
      () => this.#break('a frame was lost'),
    )
    this.#down = new Wire(
      clock,
      latency,
      frame => this.#atPeer(frame),
      () => this.#break('a frame was lost'),
    )
  }

  get inbound$(): Observable<Inbound> {
    return this.#inbound.observable
  }

  get link$(): Observable<Link> {
    return this.#link
  }

  async open({ room, username, resume }: Hello): Promise<Welcome> {
    if (this.#closed) throw new MidsentenceError('unavailable', 'This transport was closed: make a new one.')
    if (this.#member)
      throw new MidsentenceError('invalid-params', 'This transport is open already: one for each participant.')
    if (room !== this.#room.name) throw new MidsentenceError('room-unavailable', `There is no room ${room} here.`)
    if (this.#cut) throw new MidsentenceError('unavailable', 'The line to the room is cut: heal it and join again.')
    const { member, resumed } = this.#room.join(username, resume?.session)
    this.#member = member
    this.#after = resumed && resume ? resume.after : member.head
    this.#connect()
    return { session: member.session, cursor: this.#after, policy: this.#room.settings.policy, resumed }
  }

  publish(request: PublishRequest): Promise<Verdict> {
    if (this.#closed || !this.#member) return Promise.reject(left())
    if (this.#cut)
      return Promise.reject(
        unavailable('The line to the room is down. Nothing was sent; your draft is kept.', request.again),
      )
    const attempt = ++this.#attempt
    return new Promise<Verdict>((resolve, reject) => {
      const wait = (request.timeout_ms ?? this.#room.settings.push_wait_ms) + ANSWER_MS + 2 * this.#room.latency
      const cancel = this.#room.clock.after(wait, () => this.#giveUp(attempt))
      this.#attempts.set(attempt, {
        resolve: verdict => {
          cancel()
          resolve(verdict)
        },
        reject: error => {
          cancel()
          reject(error)
        },
      })
      this.#up.send({ type: 'publish', attempt, request })
    })
  }

  resume(after: Seq): void {
    this.#after = after
    if (this.#member && !this.#closed && !this.#cut) this.#up.send({ type: 'resume', after })
  }

  yield(): void {
    if (this.#member) this.#up.send({ type: 'yield' })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#member?.listen(undefined)
    this.#member?.leave()
    this.#up.cut()
    this.#down.cut()
    for (const [attempt, { reject }] of this.#attempts) {
      this.#attempts.delete(attempt)
      reject(left())
    }
    this.#inbound.complete()
    this.#link.complete()
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

  #connect(): void {
    this.#member!.listen(item => this.#down.send({ type: 'inbound', item }))
    this.#link.next({ state: 'up' })
    this.#member!.replay(this.#after)
  }

  #break(reason: string): void {
    if (this.#cut || this.#closed) return
    this.#cut = true
    this.#member?.listen(undefined)
    this.#up.cut()
    this.#down.cut()
    if (this.#member) this.#link.next({ state: 'down', reason })
    for (const attempt of [...this.#attempts.keys()]) this.#giveUp(attempt)
    // A line that broke over a lost frame comes back by itself, as connections do.
    const ms = reason === 'the line was cut' ? this.#healsAfter : 0
    if (ms !== undefined) this.#room.clock.after(ms, () => this.#heal())
  }

  #heal(): void {
    if (!this.#cut || this.#closed) return
    this.#cut = false
    this.#up.heal()
    this.#down.heal()
    if (this.#member) this.#connect()
  }

  #giveUp(attempt: number): void {
    const waiting = this.#attempts.get(attempt)
    this.#attempts.delete(attempt)
    waiting?.reject(
      unavailable('The line broke before the room had answered. It is not known yet whether it was sent.', true),
    )
  }

  #atRoom(frame: Upward): void {
    const member = this.#member!
    switch (frame.type) {
      case 'publish':
        return member.publish(frame.request, answer => {
          const { attempt } = frame
          if (isMidsentenceError(answer)) this.#down.send({ type: 'refused', attempt, error: answer })
          else this.#down.send({ type: 'verdict', attempt, verdict: answer })
        })
      case 'resume':
        return member.replay(frame.after)
      case 'yield':
        return member.yield()
    }
  }

  #atPeer(frame: Downward): void {
    if (frame.type === 'inbound') {
      // What came behind a gap does not count as read: after a cut it is asked for again.
      if (frame.item.type === 'message' && frame.item.message.seq === this.#after + 1) this.#after++
      return this.#inbound.next(frame.item)
    }
    const waiting = this.#attempts.get(frame.attempt)
    this.#attempts.delete(frame.attempt)
    if (frame.type === 'verdict') waiting?.resolve(frame.verdict)
    else waiting?.reject(frame.error)
  }
}

/** Hot, but keeps what comes before its first subscriber. */
class Buffered<T> {
  readonly #subject = new Subject<T>()
  #early: T[] | undefined = []

  readonly observable = new Observable<T>(subscriber => {
    const early = this.#early ?? []
    this.#early = undefined
    for (const item of early) subscriber.next(item)
    return this.#subject.subscribe(subscriber)
  })

  next(item: T): void {
    if (this.#early) this.#early.push(item)
    else this.#subject.next(item)
  }

  complete(): void {
    this.#subject.complete()
  }
}

const left = () => new MidsentenceError('session-unknown', 'This session has left the room. Join again to go on.')
const unavailable = (message: string, unknown: boolean) =>
  new MidsentenceError('unavailable', message, { data: unknown ? { unknown } : { retry_after_ms: 1000 } })
