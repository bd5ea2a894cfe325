import {
  type Cancel,
  type Clock,
  type Inbound,
  isMidsentenceError,
  type Link,
  MidsentenceError,
  type OpenResult,
  type Seq,
} from '@midsentence/core'
import {
  type Backoff,
  BufferedSubject,
  backoffDelay,
  isFinalRefusal,
  isSameIdentity,
  type MessageStream,
  readEvent,
  type ServerAddresses,
  type SessionClient,
  transportErrors,
} from '@midsentence/core/rpc-client'
import { BehaviorSubject } from 'rxjs'
import type { SocketLoss } from './socket-connection.ts'
import type { SocketListener, SocketRpc } from './socket-rpc.ts'

export interface WsStreamOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: Backoff
}

const RESUME_MS = 10_000

/**
 * Receives a room's events without gaps over a WebSocket. Reconnects after each loss, resumes the session, and joins
 * again if the server has lost it.
 */
export class WsMessageStream implements MessageStream, SocketListener {
  readonly #inbound = new BufferedSubject<Inbound>()
  readonly #link = new BehaviorSubject<Link>({ state: 'down', reason: 'Not connected yet.' })
  readonly inbound$ = this.#inbound.values$
  readonly link$ = this.#link.asObservable()
  readonly #rpc: SocketRpc
  readonly #addresses: ServerAddresses
  readonly #client: SessionClient
  readonly #options: WsStreamOptions
  readonly #onBroken: () => void
  /** The last seq received without a gap: the next socket resumes here. Undefined: at the server cursor. */
  #after: Seq | undefined
  #result!: OpenResult
  /** Notifications received before the session of the socket is known. */
  #early: [method: string, params: unknown][] | undefined = []
  #boundBy: 'join' | 'resume' = 'join'
  #failures = 0
  #retryTimer: Cancel | undefined
  #closed = false

  /** `onBroken` is called at every loss, after `link$` has emitted it. */
  constructor(
    rpc: SocketRpc,
    addresses: ServerAddresses,
    client: SessionClient,
    options: WsStreamOptions,
    onBroken: () => void,
  ) {
    this.#rpc = rpc
    this.#addresses = addresses
    this.#client = client
    this.#options = options
    this.#onBroken = onBroken
    rpc.setListener(this)
  }

  get link(): Link {
    return this.#link.value
  }

  async open(result: OpenResult, ms: number): Promise<OpenResult> {
    this.#result = result
    this.#after = result.cursor
    // A resumed session must be bound to this socket; a socket that just broke needs a new one.
    if (result.resumed || !this.#isBound) {
      const bound = await this.#bind(ms)
      // A session that `open` created was not resumed, although its second socket resumes it.
      this.#result = { ...bound, resumed: bound.resumed && result.resumed }
    }
    if (this.#closed) throw transportErrors.closed()
    if (!this.#isBound) throw transportErrors.noMessageStream(this.#addresses.url, connectionBroke.reason)
    this.#onUp()
    return this.#result
  }

  resume(after: Seq): void {
    this.#after = after
    void this.#rpc.notify('resume', {}, { token: this.#result.session.token, ms: RESUME_MS })
  }

  sessionUnknown(): void {
    this.#rpc.fail({ reason: 'the session is not known there', sessionUnknown: true })
  }

  close(): void {
    this.#end()
    this.#inbound.complete()
  }

  resumeAfter(): Seq | undefined {
    return this.#after
  }

  onBound(by: 'join' | 'resume'): void {
    this.#boundBy = by
    if (this.#early) this.#early = []
  }

  onNotification(method: string, params: unknown): void {
    if (this.#early) this.#early.push([method, params])
    else this.#handle(method, params)
  }

  /** Starts to reconnect. A loss during a reconnect reaches the call that waits for it instead. */
  onLost(loss: SocketLoss): void {
    if (this.#closed || this.link.state !== 'up') return
    this.#early = []
    this.#onDown(loss)
    if (loss.sessionUnknown) void this.#reconnect()
    else this.#scheduleReconnect()
  }

  #handle(method: string, params: unknown): void {
    const event = readEvent(method, params)
    if (event?.type === 'welcome') {
      if (event.log !== this.#result.session.log) this.sessionUnknown()
      // Seqs below the server cursor were never sent to this session.
      else this.#after = Math.max(this.#cursor, event.cursor)
    } else if (event) this.#emit(event)
    else if (method === 'message') this.#onUnreadable(params)
  }

  /** Reports an unreadable message as missed, since it still has its seq. */
  #onUnreadable(params: unknown): void {
    const { seq } = Object(params) as { readonly seq?: unknown }
    if (seq === this.#cursor + 1) this.#emit({ type: 'missed', from: this.#cursor + 1, to: this.#cursor + 1 })
  }

  #emit(item: Inbound): void {
    const next = this.#cursor + 1
    if (item.type === 'message' && item.message.seq === next) this.#after = next
    if (item.type === 'missed' && item.from <= next) this.#after = Math.max(this.#cursor, item.to)
    this.#inbound.next(item)
  }

  get #cursor(): Seq {
    return this.#after ?? 0
  }

  #onUp(): void {
    const early = this.#early ?? []
    this.#early = undefined
    this.#failures = 0
    this.#link.next({ state: 'up' })
    for (const [method, params] of early) if (!this.#early) this.#handle(method, params)
  }

  #onDown({ reason, sessionUnknown }: SocketLoss): void {
    const { url } = this.#addresses
    const why = sessionUnknown
      ? `The server at ${url} does not know you any more: joining again.`
      : `The connection to ${url} is down: ${reason}. Reconnecting.`
    const { link } = this
    if (link.state !== 'down' || link.reason !== why) this.#link.next({ state: 'down', reason: why })
    this.#onBroken()
  }

  #scheduleReconnect(): void {
    const { clock, backoff, random } = this.#options
    // The wait doubles once all addresses have failed.
    const failures = Math.ceil(++this.#failures / this.#addresses.count)
    this.#retryTimer = clock.after(backoffDelay(failures, backoff, random), () => void this.#reconnect())
  }

  async #reconnect(): Promise<void> {
    try {
      const result = await this.#bind(RESUME_MS)
      if (!this.#closed) this.#continue(result)
    } catch (error) {
      if (this.#closed) return
      if (isFinalRefusal(error)) return this.#onRejected(error)
      this.#addresses.next()
      this.#onDown({
        reason: error instanceof Error ? error.message.replace(/\.$/, '') : 'it failed',
        sessionUnknown: false,
      })
      this.#scheduleReconnect()
    }
  }

  /** Rejoins and reads from the own cursor on, or from the server cursor if the server rejects that one. */
  async #bind(ms: number): Promise<OpenResult> {
    const after = this.#cursor
    try {
      const result = await this.#client.rejoin()
      if (!result.resumed) return this.#fromServerCursor(result)
      // A session found by its secret reads from the server cursor: move it to the own one.
      if (this.#boundBy === 'join') await this.#rpc.call('resume', {}, { token: result.session.token, ms })
      return { ...result, cursor: after }
    } catch (error) {
      if (!isMidsentenceError(error) || error.code !== 'invalid-params') throw error
    }
    // A cursor above the server head means that the log lost its end: read from that head on.
    this.#after = undefined
    const result = await this.#client.rejoin().finally(() => {
      this.#after ??= after
    })
    if (result.resumed && result.cursor >= after) throw cursorRejected(this.#addresses.url, result)
    return this.#fromServerCursor(result)
  }

  #fromServerCursor(result: OpenResult): OpenResult {
    this.#after = result.cursor
    return { ...result, resumed: false }
  }

  #continue(result: OpenResult): void {
    const before = this.#result.session
    this.#result = result
    if (!result.resumed || !isSameIdentity(before, result.session))
      this.#inbound.next({ type: 'rejoined', welcome: result })
    if (this.#isBound) return this.#onUp()
    this.#onDown(connectionBroke)
    this.#scheduleReconnect()
  }

  get #isBound(): boolean {
    return this.#rpc.isBoundTo(this.#result.session.token)
  }

  #onRejected(error: MidsentenceError): void {
    const reason = `You cannot come back into the room. ${error.message}`
    this.#rpc.close()
    this.#closed = true
    this.#link.next({ state: 'lost', reason })
    this.#link.complete()
  }

  #end(): void {
    this.#closed = true
    this.#retryTimer?.()
    this.#link.complete()
  }
}

const connectionBroke: SocketLoss = { reason: 'the connection broke', sessionUnknown: false }

const cursorRejected = (url: string, { session }: OpenResult) =>
  new MidsentenceError(
    'invalid-params',
    `The server at ${url} rejects the cursor that it gave itself in ${session.room}. Join again to continue.`,
  )
