import type { Clock, Inbound, Link, OpenResult, Seq } from '@midsentence/core'
import {
  type Backoff,
  BufferedSubject,
  isFinalRefusal,
  isSameIdentity,
  type MessageStream,
  NoResponseError,
  readEvent,
  type SessionClient,
  transportErrors,
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
  readonly idleTimeoutMs: number
}

const EVENTS = ['welcome', 'message', 'missed', 'presence', 'hush', 'watchers']

/** Statuses after which `rejoin` finds out whether session, cursor or room is unknown. */
const RECOVERABLE: readonly unknown[] = [400, 401, 404]

/**
 * Receives a room's events without gaps over server-sent events. Reconnects after each loss, resumes the session, and
 * joins again if the server has lost it.
 */
export class SseMessageStream implements MessageStream {
  readonly #inbound = new BufferedSubject<Inbound>()
  readonly #link = new BehaviorSubject<Link>({ state: 'down', reason: 'Not connected yet.' })
  readonly inbound$ = this.#inbound.values$
  readonly link$ = this.#link.asObservable()
  readonly #addresses: HttpAddresses
  readonly #client: SessionClient
  readonly #clock: Clock
  readonly #onBroken: () => void
  readonly #stream: ReconnectingStream
  /** The last seq received without a gap: the next connection resumes here. */
  #after: Seq = 0
  #result!: OpenResult
  #opened = false
  #closed = false
  #reason = 'its event stream did not open in time'
  /** Ends the wait for the first connection. */
  #resolveOpening = () => {}

  /** `onBroken` is called at every loss, after `link$` has emitted it. */
  constructor(addresses: HttpAddresses, client: SessionClient, options: SseStreamOptions, onBroken: () => void) {
    this.#addresses = addresses
    this.#client = client
    this.#clock = options.clock
    this.#onBroken = onBroken
    this.#stream = new ReconnectingStream({
      ...options,
      addresses: addresses.count,
      url: () => addresses.eventsUrl(this.#result.session.room, this.#after),
      headers: () => ({ authorization: `Bearer ${client.session?.token}` }),
      events: EVENTS,
      onEvent: event => this.#onEvent(event),
      onUp: () => this.#onUp(),
      onDown: loss => this.#onDown(loss),
      recover: loss => this.#recover(loss),
    })
  }

  get link(): Link {
    return this.#link.value
  }

  async open(result: OpenResult, ms: number): Promise<OpenResult> {
    this.#result = result
    this.#after = result.cursor
    const settled = new Promise<void>(resolve => {
      this.#resolveOpening = resolve
    })
    this.#stream.start()
    await waitAtMost(this.#clock, settled, ms)
    if (this.#closed) throw transportErrors.closed()
    if (this.link.state === 'lost') throw transportErrors.sessionEnded(this.link.reason)
    if (this.link.state === 'down') {
      this.#stream.close()
      throw transportErrors.noMessageStream(this.#addresses.url, this.#reason)
    }
    this.#opened = true
    return this.#result
  }

  resume(after: Seq): void {
    this.#after = after
    this.#stream.restart()
  }

  sessionUnknown(): void {
    this.#stream.fail({ reason: 'the session is not known there', status: 401 })
  }

  close(): void {
    this.#closed = true
    this.#stream.close()
    this.#resolveOpening()
    this.#inbound.complete()
    this.#link.complete()
  }

  #onEvent({ type, data, lastEventId }: MessageEvent): void {
    const event = readEvent(type, parsed(data))
    const seq = Number(lastEventId)
    if (event?.type === 'welcome') {
      if (event.log !== this.#result.session.log) this.sessionUnknown()
      // Seqs below the server cursor were never sent to this session.
      else {
        this.#after = Math.max(this.#after, event.cursor)
        const { session } = this.#result
        const { sender_id = session.sender_id } = event
        this.#continue({ ...this.#result, session: { ...session, sender_id }, resumed: true })
      }
    } else if (event) this.#emit(event)
    // An unreadable message still has its seq: report it as missed.
    else if (type === 'message' && seq === this.#after + 1) this.#emit({ type: 'missed', from: seq, to: seq })
  }

  #emit(item: Inbound): void {
    if (item.type === 'message' && item.message.seq === this.#after + 1) this.#after++
    if (item.type === 'missed' && item.from <= this.#after + 1) this.#after = Math.max(this.#after, item.to)
    this.#inbound.next(item)
  }

  #onUp(): void {
    if (this.link.state !== 'up') this.#link.next({ state: 'up' })
    this.#resolveOpening()
  }

  #onDown({ reason, status, silent }: StreamLoss): void {
    const { link } = this
    const { url } = this.#addresses
    this.#reason = reason
    const why =
      status === 401
        ? `The server at ${url} does not know you any more: joining again.`
        : `The connection to ${url} is down: ${reason}. Reconnecting.`
    // Retry a server that was up before, unless it fell silent; ask one that refuses why. Else try the next.
    if (silent || (link.state === 'down' && !RECOVERABLE.includes(status))) this.#addresses.next()
    if (link.state !== 'down' || link.reason !== why) this.#link.next({ state: 'down', reason: why })
    this.#onBroken()
  }

  async #recover({ status }: StreamLoss): Promise<boolean> {
    if (!RECOVERABLE.includes(status)) return false
    try {
      const result = await this.#client.rejoin()
      if (!this.#closed) this.#onRejoined(result, status)
      return true
    } catch (error) {
      if (error instanceof NoResponseError) this.#addresses.next()
      else if (!this.#closed) this.#onRejected(error)
      return false
    }
  }

  #onRejoined(result: OpenResult, status: number | undefined): void {
    const { url } = this.#addresses
    const { room } = result.session
    if (!result.resumed) this.#continue(result)
    else if (status === 404) this.#lose(`The server at ${url} gives no events of room ${room}. Join again to continue.`)
    else if (status !== 400) this.#continue(result)
    // A cursor above the server head means that the log lost its end: read from that head on.
    else if (result.cursor < this.#after) this.#continue({ ...result, resumed: false })
    else this.#lose(`The server at ${url} rejects the cursor that it gave itself in ${room}. Join again to continue.`)
  }

  #continue(result: OpenResult): void {
    const before = this.#result.session
    if (!result.resumed) this.#after = result.cursor
    // A session that `open` created was not resumed, although a broken connection makes the client resume it.
    const resumed = result.resumed && (this.#opened || this.#result.resumed)
    this.#result = { ...result, cursor: this.#after, resumed }
    if (!this.#opened || (result.resumed && isSameIdentity(before, result.session))) return
    this.#inbound.next({ type: 'rejoined', welcome: this.#result })
  }

  #onRejected(error: unknown): void {
    if (isFinalRefusal(error)) this.#lose(`You cannot come back into the room. ${error.message}`)
  }

  #lose(reason: string): void {
    this.#stream.close()
    this.#link.next({ state: 'lost', reason })
    this.#link.complete()
    this.#resolveOpening()
  }
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data))
  } catch {
    return undefined
  }
}
