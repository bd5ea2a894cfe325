import {
  type Clock,
  type Inbound,
  isMidsentenceError,
  type Link,
  type MidsentenceError,
  type OpenResult,
  type Seq,
} from '@midsentence/core'
import {
  type Backoff,
  BufferedSubject,
  type MessageStream,
  NoResponseError,
  readEvent,
  refusals,
  type SessionClient,
  waitAtMost,
} from '@midsentence/core/rpc-client'
import { BehaviorSubject } from 'rxjs'
import { ReconnectingStream, type StreamLoss } from '../reconnecting-stream.ts'
import type { StreamFetch } from '../stream-fetch.ts'
import type { HttpAddresses } from './http-addresses.ts'

export interface SseStreamOptions {
  readonly fetch: StreamFetch
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: Backoff
  readonly silenceMs: number
}

const EVENTS = ['welcome', 'message', 'missed', 'presence']

/** The server does not know the session, or its place, or the room: it is asked who one is. */
const MENDED: readonly unknown[] = [400, 401, 404]
/** Refusals that waiting does not change. */
const FINAL: readonly unknown[] = ['name-taken', 'room-unavailable', 'invalid-params']

/**
 * What a room says, from one place on without a gap: comes back after every cut, and finds its session again or makes
 * another one where the server has lost it.
 */
export class SseMessageStream implements MessageStream {
  readonly #inlet = new BufferedSubject<Inbound>()
  readonly #link = new BehaviorSubject<Link>({ state: 'down', reason: 'Not connected yet.' })
  readonly inbound$ = this.#inlet.values$
  readonly link$ = this.#link.asObservable()
  readonly #servers: HttpAddresses
  readonly #membership: SessionClient
  readonly #clock: Clock
  readonly #broke: () => void
  readonly #stream: ReconnectingStream
  /** The last seq that came without a gap: from here the next connection goes on. */
  #after: Seq = 0
  #welcome!: OpenResult
  #opened = false
  #closed = false
  #reason = 'its event stream did not open in time'
  /** Ends the wait for the first connection. */
  #settle = () => {}

  /** `broke` is called at every loss, after `link$` has told it. */
  constructor(servers: HttpAddresses, membership: SessionClient, options: SseStreamOptions, broke: () => void) {
    this.#servers = servers
    this.#membership = membership
    this.#clock = options.clock
    this.#broke = broke
    this.#stream = new ReconnectingStream({
      ...options,
      url: () => servers.eventsUrl(this.#welcome.session.room, this.#after),
      headers: () => ({ authorization: `Bearer ${membership.session?.token}` }),
      events: EVENTS,
      onEvent: event => this.#hear(event),
      onUp: () => this.#up(),
      onDown: loss => this.#down(loss),
      recover: loss => this.#mend(loss),
    })
  }

  get link(): Link {
    return this.#link.value
  }

  async open(welcome: OpenResult, ms: number): Promise<OpenResult> {
    this.#welcome = welcome
    this.#after = welcome.cursor
    const settled = new Promise<void>(resolve => {
      this.#settle = resolve
    })
    this.#stream.start()
    await waitAtMost(this.#clock, settled, ms)
    if (this.#closed) throw refusals.closed()
    if (this.link.state === 'lost') throw refusals.over(this.link.reason)
    if (this.link.state === 'down') {
      this.#stream.close()
      throw refusals.noEvents(this.#servers.url, this.#reason)
    }
    this.#opened = true
    return this.#welcome
  }

  resume(after: Seq): void {
    this.#after = after
    this.#stream.restart()
  }

  forgotten(): void {
    this.#stream.fail({ reason: 'the session is not known there', status: 401 })
  }

  close(): void {
    this.#closed = true
    this.#stream.close()
    this.#settle()
    this.#inlet.complete()
    this.#link.complete()
  }

  #hear({ type, data, lastEventId }: MessageEvent): void {
    const heard = readEvent(type, parsed(data))
    const seq = Number(lastEventId)
    if (heard?.type === 'welcome') {
      if (heard.log !== this.#welcome.session.log) this.forgotten()
      // What lies below was never for this session.
      else this.#after = Math.max(this.#after, heard.cursor)
    } else if (heard) this.#tell(heard)
    // What cannot be read has its place in the room all the same.
    else if (type === 'message' && seq === this.#after + 1) this.#tell({ type: 'missed', from: seq, to: seq })
  }

  #tell(item: Inbound): void {
    if (item.type === 'message' && item.message.seq === this.#after + 1) this.#after++
    if (item.type === 'missed' && item.from <= this.#after + 1) this.#after = Math.max(this.#after, item.to)
    this.#inlet.next(item)
  }

  #up(): void {
    if (this.link.state !== 'up') this.#link.next({ state: 'up' })
    this.#settle()
  }

  #down({ reason, status }: StreamLoss): void {
    const { link } = this
    const { url } = this.#servers
    this.#reason = reason
    const why =
      status === 401
        ? `The server at ${url} does not know you any more: joining again.`
        : `The line to ${url} is down: ${reason}. It is tried again.`
    // A server that was there deserves another try; one that refuses is asked why first.
    if (link.state === 'down' && !MENDED.includes(status)) this.#servers.next()
    if (link.state !== 'down' || link.reason !== why) this.#link.next({ state: 'down', reason: why })
    this.#broke()
  }

  async #mend({ status }: StreamLoss): Promise<boolean> {
    if (!MENDED.includes(status)) return false
    try {
      const welcome = await this.#membership.rejoin()
      if (!this.#closed) this.#mended(welcome, status)
      return true
    } catch (error) {
      if (error instanceof NoResponseError) this.#servers.next()
      else if (!this.#closed) this.#refused(error)
      return false
    }
  }

  #mended(welcome: OpenResult, status: number | undefined): void {
    const { url } = this.#servers
    const { room } = welcome.session
    if (!welcome.resumed) this.#goOn(welcome)
    else if (status === 404) this.#lose(`The server at ${url} gives no events of room ${room}. Join again to go on.`)
    else if (status !== 400) this.#goOn(welcome)
    // A place that the server never gave is one in a log whose end it has lost: seqs begin anew behind it.
    else if (welcome.cursor < this.#after) this.#goOn({ ...welcome, resumed: false })
    else this.#lose(`The server at ${url} refuses the place that it gave itself in ${room}. Join again to go on.`)
  }

  #goOn(welcome: OpenResult): void {
    const before = this.#welcome.session
    if (!welcome.resumed) this.#after = welcome.cursor
    this.#welcome = { ...welcome, cursor: this.#after }
    if (!this.#opened || (welcome.resumed && before.token === welcome.session.token)) return
    this.#inlet.next({ type: 'rejoined', welcome: this.#welcome })
  }

  #refused(error: unknown): void {
    const isFinal = isMidsentenceError(error) && FINAL.includes(error.code)
    if (isFinal) this.#lose(`You cannot come back into the room. ${(error as MidsentenceError).message}`)
  }

  #lose(reason: string): void {
    this.#stream.close()
    this.#link.next({ state: 'lost', reason })
    this.#link.complete()
    this.#settle()
  }
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data))
  } catch {
    return undefined
  }
}
