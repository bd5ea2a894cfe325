import type { Observable } from 'rxjs'
import type { DraftEvent } from '../draft/events.ts'
import { isMidsentenceError, type MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type {
  Inbound,
  Link,
  OpenRequest,
  OpenResult,
  PublishRequest,
  Supports,
  Transport,
  Verdict,
} from '../ports/transport.ts'
import type { Seq } from '../room/message.ts'
import { DraftBroadcaster } from './draft-broadcaster.ts'
import { publish } from './publish.ts'
import type { Rpc } from './rpc.ts'
import type { SessionClient } from './session-client.ts'
import { transportErrors } from './transport-errors.ts'

/** What a room says, from one place on without a gap, back after every cut. */
export interface MessageStream {
  readonly inbound$: Observable<Inbound>
  readonly link$: Observable<Link>
  readonly link: Link
  /** Goes up, within `ms`: resolves with the welcome as it stands then. Rejects with what is wrong. */
  open(welcome: OpenResult, ms: number): Promise<OpenResult>
  /** Gives everything above `after` again: now, or when it is up again. */
  resume(after: Seq): void
  /** The server says elsewhere that it does not know the session. */
  sessionUnknown(): void
  /** Completes both streams. Idempotent. */
  close(): void
}

export interface RpcTransportDeps {
  readonly clock: Clock
  readonly rpc: Rpc
  readonly client: SessionClient
  /** Made with what is to be called at every loss, after `link$` has told it. */
  readonly stream: (broke: () => void) => MessageStream
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
  readonly #client: SessionClient
  readonly #stream: MessageStream
  readonly #draft: DraftBroadcaster
  /** Publishes under way. */
  readonly #publishing = new Set<AbortController>()
  #began = false
  #opened = false
  #closing: Promise<void> | undefined

  constructor({ clock, rpc, client, stream, secret, openMs = OPEN_MS }: RpcTransportDeps) {
    const broken = 'the line broke before the room had answered'
    this.#clock = clock
    this.#secret = secret
    this.#openMs = openMs
    this.#rpc = rpc
    this.#client = client
    this.#stream = stream(() => this.#giveUp(transportErrors.outcomeUnknown(broken)))
    this.#draft = new DraftBroadcaster(shown => this.#notify('draft', shown))
  }
  get inbound$() {
    return this.#stream.inbound$
  }

  get link$() {
    return this.#stream.link$
  }

  async open(hello: OpenRequest): Promise<OpenResult> {
    if (this.#closing) throw transportErrors.closed()
    if (this.#began) throw new TypeError('A transport is opened once: make a new one.')
    this.#began = true
    return this.#awake(() => this.#open(hello))
  }

  async publish(request: PublishRequest): Promise<Verdict> {
    if (this.#closing || !this.#opened) throw transportErrors.closed()
    const { link } = this.#stream
    if (link.state === 'lost') throw transportErrors.sessionEnded(link.reason)
    if (link.state === 'down') throw transportErrors.linkDown(link.reason, request.isRetry)
    return this.#awake(() => this.#publish(request))
  }

  resume(after: Seq): void {
    if (this.#opened) this.#stream.resume(after)
  }

  yield(): void {
    void this.#awake(() => this.#notify('yield', {}))
  }

  /** What is said while the line is down is lost, as the port says. */
  showDraft(facts: readonly DraftEvent[], rev: number): void {
    this.#draft.show({ facts, rev })
  }

  close(): Promise<void> {
    this.#closing ??= this.#awake(() => this.#close())
    return this.#closing
  }

  async #awake<T>(run: () => Promise<T>): Promise<T> {
    const sleep = this.#clock.keepProcessAlive()
    try {
      return await run()
    } finally {
      sleep()
    }
  }

  async #open(hello: OpenRequest): Promise<OpenResult> {
    const until = this.#clock.monotonic() + this.#openMs
    const secret = hello.resume?.session.secret ?? hello.secret ?? this.#secret
    const comer = { ...hello, ...(secret !== undefined && { secret }) }
    const entered = await this.#client.join(comer, until).catch(error => {
      this.#rpc.close?.()
      throw error
    })
    if (this.#closing) throw transportErrors.closed()
    try {
      const welcome = await this.#stream.open(entered, until - this.#clock.monotonic())
      this.#opened = true
      return welcome
    } catch (error) {
      // Nobody is kept from the name of somebody who never came in; a session that was there before stays.
      if (this.#closing) throw error
      if (entered.resumed) this.#client.abandon()
      void this.#awake(() => this.#leave())
      throw error
    }
  }

  async #publish(request: PublishRequest): Promise<Verdict> {
    const under = new AbortController()
    this.#publishing.add(under)
    try {
      return await publish(this.#rpc, this.#client.session?.token ?? '', request, under.signal)
    } catch (error) {
      const forgotten = isMidsentenceError(error) && error.code === 'session-unknown'
      if (!forgotten || under.signal.aborted) throw error
      this.#stream.sessionUnknown()
      const why = 'the server does not know you any more: joining again'
      throw request.isRetry ? transportErrors.outcomeUnknown(why, error) : transportErrors.notSent(why, error)
    } finally {
      this.#publishing.delete(under)
    }
  }

  #giveUp(reason: MidsentenceError): void {
    for (const under of [...this.#publishing]) under.abort(reason)
  }

  async #notify(method: string, params: object): Promise<void> {
    const token = this.#client.session?.token
    if (token === undefined || !this.#opened || this.#stream.link.state !== 'up') return
    await this.#rpc.notify(method, params, { token, ms: NOTIFY_MS })
  }

  async #close(): Promise<void> {
    this.#giveUp(transportErrors.closed())
    this.#stream.close()
    await this.#leave()
  }

  async #leave(): Promise<void> {
    await this.#client.leave()
    this.#rpc.close?.()
  }
}
