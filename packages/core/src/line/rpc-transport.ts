import type { Observable } from 'rxjs'
import type { DraftEvent } from '../draft/events.ts'
import { isMidsentenceError, type MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Hello, Inbound, Link, PublishRequest, Supports, Transport, Verdict, Welcome } from '../ports/transport.ts'
import type { Seq } from '../room/message.ts'
import { DraftShow } from './draft-show.ts'
import type { Membership } from './membership.ts'
import { publish } from './publishing.ts'
import { refusals } from './refusals.ts'
import type { Rpc } from './rpc.ts'

/** What a room says, from one place on without a gap, back after every cut. */
export interface RoomLine {
  readonly inbound$: Observable<Inbound>
  readonly link$: Observable<Link>
  readonly link: Link
  /** Goes up, within `ms`: resolves with the welcome as it stands then. Rejects with what is wrong. */
  open(welcome: Welcome, ms: number): Promise<Welcome>
  /** Gives everything above `after` again: now, or when it is up again. */
  resume(after: Seq): void
  /** The server says elsewhere that it does not know the session. */
  forgotten(): void
  /** Completes both streams. Idempotent. */
  close(): void
}

export interface RpcTransportParts {
  readonly clock: Clock
  readonly rpc: Rpc
  readonly membership: Membership
  /** Made with what is to be called at every loss, after `link$` has told it. */
  readonly line: (broke: () => void) => RoomLine
  readonly secret: string | undefined
  /** Opening fails within so many milliseconds, all in all. Default 4800. */
  readonly openMs: number | undefined
}

const supports: Supports = { ids: true, resume: true, echo: true, conditional: true, keys: true }

/** The port asks for five seconds. */
const OPEN_MS = 4800
const NOTIFY_MS = 10_000

/** The line to a room of a midsentence server, by whatever carries its calls and its messages. */
export class RpcTransport implements Required<Transport> {
  readonly supports = supports
  readonly #clock: Clock
  readonly #secret: string | undefined
  readonly #openMs: number
  readonly #rpc: Rpc
  readonly #membership: Membership
  readonly #line: RoomLine
  readonly #draft: DraftShow
  /** Publishes under way. */
  readonly #under = new Set<AbortController>()
  #began = false
  #opened = false
  #closing: Promise<void> | undefined

  constructor({ clock, rpc, membership, line, secret, openMs = OPEN_MS }: RpcTransportParts) {
    const broken = 'the line broke before the room had answered'
    this.#clock = clock
    this.#secret = secret
    this.#openMs = openMs
    this.#rpc = rpc
    this.#membership = membership
    this.#line = line(() => this.#giveUp(refusals.notCertain(broken)))
    this.#draft = new DraftShow(shown => this.#notify('draft', shown))
  }
  get inbound$() {
    return this.#line.inbound$
  }

  get link$() {
    return this.#line.link$
  }

  async open(hello: Hello): Promise<Welcome> {
    if (this.#closing) throw refusals.closed()
    if (this.#began) throw new TypeError('A transport is opened once: make a new one.')
    this.#began = true
    return this.#awake(() => this.#open(hello))
  }

  async publish(request: PublishRequest): Promise<Verdict> {
    if (this.#closing || !this.#opened) throw refusals.closed()
    const { link } = this.#line
    if (link.state === 'lost') throw refusals.over(link.reason)
    if (link.state === 'down') throw refusals.down(link.reason, request.again)
    return this.#awake(() => this.#publish(request))
  }

  resume(after: Seq): void {
    if (this.#opened) this.#line.resume(after)
  }

  yield(): void {
    void this.#awake(() => this.#notify('yield', {}))
  }

  /** What is said while the line is down is lost, as the port says. */
  show(facts: readonly DraftEvent[], rev: number): void {
    this.#draft.show({ facts, rev })
  }

  close(): Promise<void> {
    this.#closing ??= this.#awake(() => this.#close())
    return this.#closing
  }

  async #awake<T>(run: () => Promise<T>): Promise<T> {
    const sleep = this.#clock.stayAwake()
    try {
      return await run()
    } finally {
      sleep()
    }
  }

  async #open(hello: Hello): Promise<Welcome> {
    const until = this.#clock.monotonic() + this.#openMs
    const secret = hello.resume?.session.secret ?? hello.secret ?? this.#secret
    const comer = { ...hello, ...(secret !== undefined && { secret }) }
    const entered = await this.#membership.enter(comer, until).catch(error => {
      this.#rpc.close?.()
      throw error
    })
    if (this.#closing) throw refusals.closed()
    try {
      const welcome = await this.#line.open(entered, until - this.#clock.monotonic())
      this.#opened = true
      return welcome
    } catch (error) {
      // Nobody is kept from the name of somebody who never came in; a session that was there before stays.
      if (this.#closing) throw error
      if (entered.resumed) this.#membership.forsake()
      void this.#awake(() => this.#leave())
      throw error
    }
  }

  async #publish(request: PublishRequest): Promise<Verdict> {
    const under = new AbortController()
    this.#under.add(under)
    try {
      return await publish(this.#rpc, this.#membership.session?.token ?? '', request, under.signal)
    } catch (error) {
      const forgotten = isMidsentenceError(error) && error.code === 'session-unknown'
      if (!forgotten || under.signal.aborted) throw error
      this.#line.forgotten()
      const why = 'the server does not know you any more: joining again'
      throw request.again ? refusals.notCertain(why, error) : refusals.notSent(why, error)
    } finally {
      this.#under.delete(under)
    }
  }

  #giveUp(reason: MidsentenceError): void {
    for (const under of [...this.#under]) under.abort(reason)
  }

  async #notify(method: string, params: object): Promise<void> {
    const token = this.#membership.session?.token
    if (token === undefined || !this.#opened || this.#line.link.state !== 'up') return
    await this.#rpc.notify(method, params, { token, ms: NOTIFY_MS })
  }

  async #close(): Promise<void> {
    this.#giveUp(refusals.closed())
    this.#line.close()
    await this.#leave()
  }

  async #leave(): Promise<void> {
    await this.#membership.leave()
    this.#rpc.close?.()
  }
}
