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
  type Addresses,
  type Backoff,
  BufferedSubject,
  type MessageStream,
  readEvent,
  refusals,
  type SessionClient,
  waitBefore,
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

/** Refusals that waiting does not change. */
const FINAL: readonly unknown[] = ['name-taken', 'room-unavailable', 'invalid-params']

/**
 * What a room says over a socket, from one place on without a gap: comes back after every cut, and finds its session
 * again or makes another one where the server has lost it.
 */
export class WsMessageStream implements MessageStream, SocketListener {
  readonly #inlet = new BufferedSubject<Inbound>()
  readonly #link = new BehaviorSubject<Link>({ state: 'down', reason: 'Not connected yet.' })
  readonly inbound$ = this.#inlet.values$
  readonly link$ = this.#link.asObservable()
  readonly #rpc: SocketRpc
  readonly #addresses: Addresses
  readonly #membership: SessionClient
  readonly #options: WsStreamOptions
  readonly #broke: () => void
  /** The last seq that came without a gap: from here the next socket goes on. Undefined: where the server believes. */
  #after: Seq | undefined
  #welcome!: OpenResult
  /** What came while it is not known yet whose it is. */
  #held: [method: string, params: unknown][] | undefined = []
  #enteredBy: 'join' | 'resume' = 'join'
  #failures = 0
  #pause: Cancel | undefined
  #over = false

  /** `broke` is called at every loss, after `link$` has told it. */
  constructor(
    rpc: SocketRpc,
    addresses: Addresses,
    membership: SessionClient,
    options: WsStreamOptions,
    broke: () => void,
  ) {
    this.#rpc = rpc
    this.#addresses = addresses
    this.#membership = membership
    this.#options = options
    this.#broke = broke
    rpc.setListener(this)
  }

  get link(): Link {
    return this.#link.value
  }

  async open(welcome: OpenResult, ms: number): Promise<OpenResult> {
    this.#welcome = welcome
    this.#after = welcome.cursor
    // One that broke just now deserves another.
    if (welcome.resumed || !this.#isCarried) this.#welcome = await this.#placed(ms)
    if (this.#over) throw refusals.closed()
    if (!this.#isCarried) throw refusals.noEvents(this.#addresses.url, connectionBroke.reason)
    this.#up()
    return this.#welcome
  }

  resume(after: Seq): void {
    this.#after = after
    void this.#rpc.notify('resume', {}, { token: this.#welcome.session.token, ms: RESUME_MS })
  }

  forgotten(): void {
    this.#rpc.fail({ reason: 'the session is not known there', sessionUnknown: true })
  }

  close(): void {
    this.#end()
    this.#inlet.complete()
  }

  resumeAfter(): Seq | undefined {
    return this.#after
  }

  onBound(by: 'join' | 'resume'): void {
    this.#enteredBy = by
    if (this.#held) this.#held = []
  }

  onNotification(method: string, params: unknown): void {
    if (this.#held) this.#held.push([method, params])
    else this.#hear(method, params)
  }

  /** A loss on the way to come up again is met by who asked. */
  onLost(loss: SocketLoss): void {
    if (this.#over || this.link.state !== 'up') return
    this.#held = []
    this.#down(loss)
    if (loss.sessionUnknown) void this.#comeBack()
    else this.#wait()
  }

  #hear(method: string, params: unknown): void {
    const heard = readEvent(method, params)
    if (heard?.type === 'welcome') {
      if (heard.log !== this.#welcome.session.log) this.forgotten()
      // What lies below was never for this session.
      else this.#after = Math.max(this.#place, heard.cursor)
    } else if (heard) this.#tell(heard)
    else if (method === 'message') this.#unreadable(params)
  }

  /** What cannot be read has its place in the room all the same. */
  #unreadable(params: unknown): void {
    const { seq } = Object(params) as { readonly seq?: unknown }
    if (seq === this.#place + 1) this.#tell({ type: 'missed', from: this.#place + 1, to: this.#place + 1 })
  }

  #tell(item: Inbound): void {
    const next = this.#place + 1
    if (item.type === 'message' && item.message.seq === next) this.#after = next
    if (item.type === 'missed' && item.from <= next) this.#after = Math.max(this.#place, item.to)
    this.#inlet.next(item)
  }

  get #place(): Seq {
    return this.#after ?? 0
  }

  #up(): void {
    const held = this.#held ?? []
    this.#held = undefined
    this.#failures = 0
    this.#link.next({ state: 'up' })
    for (const [method, params] of held) if (!this.#held) this.#hear(method, params)
  }

  #down({ reason, sessionUnknown }: SocketLoss): void {
    const { url } = this.#addresses
    const why = sessionUnknown
      ? `The server at ${url} does not know you any more: joining again.`
      : `The line to ${url} is down: ${reason}. It is tried again.`
    const { link } = this
    if (link.state !== 'down' || link.reason !== why) this.#link.next({ state: 'down', reason: why })
    this.#broke()
  }

  #wait(): void {
    const { clock, backoff, random } = this.#options
    this.#pause = clock.after(waitBefore(++this.#failures, backoff, random), () => void this.#comeBack())
  }

  async #comeBack(): Promise<void> {
    try {
      const welcome = await this.#placed(RESUME_MS)
      if (!this.#over) this.#goOn(welcome)
    } catch (error) {
      if (this.#over) return
      if (isMidsentenceError(error) && FINAL.includes(error.code)) return this.#refused(error)
      this.#addresses.next()
      this.#down({
        reason: error instanceof Error ? error.message.replace(/\.$/, '') : 'it failed',
        sessionUnknown: false,
      })
      this.#wait()
    }
  }

  /** In again, and hearing from its place on; where that place is none any more, from where the server believes. */
  async #placed(ms: number): Promise<OpenResult> {
    const after = this.#place
    try {
      const welcome = await this.#membership.rejoin()
      if (!welcome.resumed) return this.#begunAnew(welcome)
      // Found by its secret, it hears from where the server believes.
      if (this.#enteredBy === 'join') await this.#rpc.call('resume', {}, { token: welcome.session.token, ms })
      return { ...welcome, cursor: after }
    } catch (error) {
      if (!isMidsentenceError(error) || error.code !== 'invalid-params') throw error
    }
    // A place that the server never gave is one in a log whose end it has lost: seqs begin anew behind it.
    this.#after = undefined
    const welcome = await this.#membership.rejoin().finally(() => {
      this.#after ??= after
    })
    if (welcome.resumed && welcome.cursor >= after) throw cursorRejected(this.#addresses.url, welcome)
    return this.#begunAnew(welcome)
  }

  #begunAnew(welcome: OpenResult): OpenResult {
    this.#after = welcome.cursor
    return { ...welcome, resumed: false }
  }

  #goOn(welcome: OpenResult): void {
    const before = this.#welcome.session
    this.#welcome = welcome
    if (!welcome.resumed || before.token !== welcome.session.token) this.#inlet.next({ type: 'rejoined', welcome })
    if (this.#isCarried) return this.#up()
    this.#down(connectionBroke)
    this.#wait()
  }

  get #isCarried(): boolean {
    return this.#rpc.isBoundTo(this.#welcome.session.token)
  }

  #refused(error: MidsentenceError): void {
    const reason = `You cannot come back into the room. ${error.message}`
    this.#rpc.close()
    this.#over = true
    this.#link.next({ state: 'lost', reason })
    this.#link.complete()
  }

  #end(): void {
    this.#over = true
    this.#pause?.()
    this.#link.complete()
  }
}

const connectionBroke: SocketLoss = { reason: 'the connection broke', sessionUnknown: false }

const cursorRejected = (url: string, { session }: OpenResult) =>
  new MidsentenceError(
    'invalid-params',
    `The server at ${url} refuses the place that it gave itself in ${session.room}. Join again to go on.`,
  )
