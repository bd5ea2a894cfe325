import type { Observable } from 'rxjs'
import type { DraftEvent } from '../draft/events.ts'
import type { MidsentenceError } from '../errors.ts'
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
import { hush } from './hush.ts'
import { publish } from './publish.ts'
import type { Rpc } from './rpc.ts'
import type { SessionClient } from './session-client.ts'
import { transportErrors } from './transport-errors.ts'

/** Receives the messages of a room, without gaps, and reconnects after every loss. */
export interface MessageStream {
  readonly inbound$: Observable<Inbound>
  readonly link$: Observable<Link>
  readonly link: Link
  /** Connects within `ms` milliseconds and resolves with the current session. Rejects with the reason. */
  open(welcome: OpenResult, ms: number): Promise<OpenResult>
  /** Requests everything above `after` again: now, or once connected. */
  resume(after: Seq): void
  /** Reports that the server no longer knows the session. */
  sessionUnknown(): void
  /** Completes both streams. Idempotent. */
  close(): void
}

/** What an `RpcTransport` is made of. */
export interface RpcTransportDeps {
  readonly clock: Clock
  readonly rpc: Rpc
  readonly client: SessionClient
  /** Creates the stream. It calls `onLoss` at every loss, after `link$` has emitted it. */
  readonly stream: (onLoss: () => void) => MessageStream
  readonly secret: string | undefined
  /** Maximum duration of `open`, in milliseconds. Default 4,800. */
  readonly openMs: number | undefined
}

const supports: Supports = { ids: true, resume: true, echo: true, conditional: true, keys: true, writing: true }

/** Below the 5 s that `Transport.open` allows. */
const OPEN_MS = 4800
const NOTIFY_MS = 10_000

/** A transport to a room of a midsentence server, over any connection that carries its calls and messages. */
export class RpcTransport implements Required<Transport> {
  readonly supports = supports
  readonly #clock: Clock
  readonly #secret: string | undefined
  readonly #openMs: number
  readonly #rpc: Rpc
  readonly #client: SessionClient
  readonly #stream: MessageStream
  readonly #draft: DraftBroadcaster
  #writing: Promise<void> = Promise.resolve()
  /** Running publishes. */
  readonly #publishing = new Set<AbortController>()
  #openCalled = false
  #opened = false
  #closing: Promise<void> | undefined

  constructor({ clock, rpc, client, stream, secret, openMs = OPEN_MS }: RpcTransportDeps) {
    const reason = 'the connection broke before the room answered'
    this.#clock = clock
    this.#secret = secret
    this.#openMs = openMs
    this.#rpc = rpc
    this.#client = client
    this.#stream = stream(() => this.#abortPublishes(transportErrors.outcomeUnknown(reason)))
    this.#draft = new DraftBroadcaster(update => this.#notify('draft', update))
  }
  get inbound$() {
    return this.#stream.inbound$
  }

  get link$() {
    return this.#stream.link$
  }

  async open(request: OpenRequest): Promise<OpenResult> {
    if (this.#closing) throw transportErrors.closed()
    if (this.#openCalled) throw new TypeError('A transport is opened once: make a new one.')
    this.#openCalled = true
    return this.#whileAwake(() => this.#open(request))
  }

  async publish(request: PublishRequest): Promise<Verdict> {
    if (this.#closing || !this.#opened) throw transportErrors.closed()
    const { link } = this.#stream
    if (link.state === 'lost') throw transportErrors.sessionEnded(link.reason)
    if (link.state === 'down') throw transportErrors.linkDown(link.reason, request.isRetry)
    return this.#whileAwake(() => this.#publish(request))
  }

  resume(after: Seq): void {
    if (this.#opened) this.#stream.resume(after)
  }

  yield(): void {
    void this.#whileAwake(() => this.#notify('yield', {}))
  }

  hush(on: boolean): Promise<boolean> {
    return this.#whileAwake(() => hush(this.#rpc, this.#client.session?.token ?? '', on))
  }

  /** Updates are dropped while the connection is down, as the port allows. */
  showDraft(facts: readonly DraftEvent[], rev: number): void {
    this.#draft.add({ facts, rev })
  }

  /** Dropped while the connection is down. Sent one after the other, since requests may overtake each other. */
  showWriting(writing: boolean): void {
    this.#writing = this.#writing.then(() => this.#notify('writing', { writing }))
  }

  close(): Promise<void> {
    this.#closing ??= this.#whileAwake(() => this.#close())
    return this.#closing
  }

  async #whileAwake<T>(run: () => Promise<T>): Promise<T> {
    const release = this.#clock.keepProcessAlive()
    try {
      return await run()
    } finally {
      release()
    }
  }

  async #open(request: OpenRequest): Promise<OpenResult> {
    const until = this.#clock.monotonic() + this.#openMs
    const secret = request.resume?.session.secret ?? this.#secret ?? request.secret
    const joinRequest = { ...request, ...(secret !== undefined && { secret }) }
    const joined = await this.#client.join(joinRequest, until).catch(error => {
      this.#rpc.close?.()
      throw error
    })
    if (this.#closing) throw transportErrors.closed()
    try {
      const welcome = await this.#stream.open(joined, until - this.#clock.monotonic())
      this.#opened = true
      return welcome
    } catch (error) {
      // Free the name of a new session; keep a resumed one.
      if (this.#closing) throw error
      if (joined.resumed) this.#client.abandon()
      void this.#whileAwake(() => this.#leave())
      throw error
    }
  }

  async #publish(request: PublishRequest): Promise<Verdict> {
    const controller = new AbortController()
    this.#publishing.add(controller)
    const context = {
      rpc: this.#rpc,
      clock: this.#clock,
      token: this.#client.session?.token ?? '',
      signal: controller.signal,
      sessionUnknown: () => this.#stream.sessionUnknown(),
    }
    try {
      // Requests may overtake each other: observers see a draft before the message that it becomes.
      if (this.#draft.sending) await untilAborted(controller.signal, this.#draft.sending)
      return await publish(context, request)
    } finally {
      this.#publishing.delete(controller)
    }
  }

  #abortPublishes(reason: MidsentenceError): void {
    for (const controller of [...this.#publishing]) controller.abort(reason)
  }

  async #notify(method: string, params: object): Promise<void> {
    const token = this.#client.session?.token
    if (token === undefined || !this.#opened || this.#stream.link.state !== 'up') return
    await this.#rpc.notify(method, params, { token, ms: NOTIFY_MS })
  }

  async #close(): Promise<void> {
    this.#abortPublishes(transportErrors.closed())
    this.#stream.close()
    await this.#leave()
  }

  async #leave(): Promise<void> {
    await this.#client.leave()
    this.#rpc.close?.()
  }
}

/** Resolves as `promise` does, or once `signal` is aborted. */
function untilAborted(signal: AbortSignal, promise: Promise<void>): Promise<void> {
  return Promise.race([promise, new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))])
}
