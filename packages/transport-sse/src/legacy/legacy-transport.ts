import {
  type Clock,
  type Inbound,
  type Link,
  type Message,
  type OpenRequest,
  type OpenResult,
  type PublishRequest,
  type Supports,
  systemClock,
  type Transport,
  type Verdict,
} from '@midsentence/core'
import { type Backoff, BufferedSubject, defaultBackoff, waitAtMost } from '@midsentence/core/rpc-client'
import { BehaviorSubject } from 'rxjs'
import { streamFetch } from '#stream-fetch'
import { ReconnectingStream, type StreamLoss } from '../reconnecting-stream.ts'
import type { StreamFetch } from '../stream-fetch.ts'
import { EchoMatcher } from './echo-matcher.ts'
import { legacyErrors } from './legacy-errors.ts'
import { LegacyHttp } from './legacy-http.ts'
import { LocalSequence } from './local-sequence.ts'
import { parseEvents, SERVER_NAME } from './parse-events.ts'
import { REGISTER_MS, Registration } from './registration.ts'
import { type SendDeps, send, waitForEcho } from './send.ts'

export interface LegacyTransportOptions {
  /** URL of the server, such as `http://127.0.0.1:8890`. */
  readonly url: string
  /** Default: `streamFetch`, which keeps no process alive; in a browser the page's `fetch`. */
  readonly fetch?: StreamFetch
  readonly clock?: Clock
  /** Returns 0 to 1, for the jitter of reconnects. Default `Math.random`. */
  readonly random?: () => number
  /** Milliseconds to wait for the answer to a message, and again for its echo. Default 10,000. */
  readonly echoTimeoutMs?: number
  /** Accept a name that is taken, if an own crashed run left it. Default false. */
  readonly reclaim?: boolean
  /** The server was asked before and is no midsentence server: then an error names both kinds. Default false. */
  readonly notMidsentence?: boolean
  /** Delays between reconnects. Default 0.5 to 15 s. */
  readonly backoff?: Backoff
  /** Milliseconds without any byte after which a connection counts as dead. The server writes every second. Default 15,000. */
  readonly idleTimeoutMs?: number
}

/** Creates a transport to the existing Python chat server, which has one room, no ids, no resume and no holds. */
export const legacyTransport = (options: LegacyTransportOptions): Transport => new LegacyTransport(options)

const supports: Supports = {
  ids: { no: 'The server gives messages no ids, numbers or dates: the client counts them as they arrive.' },
  resume: { no: 'The server forgets a message once it has written it to a stream, even one that just broke.' },
  echo: true,
  conditional: { no: 'The server sends every message at once: it does not know who has read what.' },
  keys: { no: 'The server knows no keys: the same message sent twice is two messages.' },
  writing: { no: 'The server does not tell who is writing.' },
}

class LegacyTransport implements Transport {
  readonly supports = supports
  readonly #inbound = new BufferedSubject<Inbound>()
  readonly #link = new BehaviorSubject<Link>({ state: 'down', reason: 'Not connected yet.' })
  readonly inbound$ = this.#inbound.values$
  readonly link$ = this.#link.asObservable()
  readonly #url: string
  readonly #options: Required<Omit<LegacyTransportOptions, 'url'>>
  readonly #http: LegacyHttp
  readonly #registration: Registration
  readonly #matcher: EchoMatcher
  #sequence!: LocalSequence
  #stream: ReconnectingStream | undefined
  #username = ''
  #opened = false
  #publishing = false
  #closed = false
  #closing: Promise<void> | undefined
  /** Ends the wait for the first connection. */
  #resolveOpening: (() => void) | undefined

  constructor({ url, ...options }: LegacyTransportOptions) {
    const { protocol } = new URL(url)
    if (protocol !== 'http:' && protocol !== 'https:')
      throw new TypeError('legacyTransport needs the url of an HTTP server.')
    this.#url = url.replace(/\/+$/, '')
    this.#options = {
      fetch: streamFetch,
      clock: systemClock(),
      random: Math.random,
      echoTimeoutMs: 10_000,
      reclaim: false,
      notMidsentence: false,
      backoff: defaultBackoff,
      idleTimeoutMs: 15_000,
      ...definedOf(options),
    }
    this.#http = new LegacyHttp(this.#url, this.#options.fetch, this.#options.clock)
    this.#registration = new Registration(this.#http, this.#options.clock, this.#url, this.#options.notMidsentence)
    this.#matcher = new EchoMatcher(this.#options.clock)
  }

  async open(request: OpenRequest): Promise<OpenResult> {
    if (this.#closed) throw legacyErrors.closed()
    if (this.#opened) throw new TypeError('A transport is opened once: make a new one.')
    this.#opened = true
    return this.#awake(() => this.#open(request))
  }

  async publish(request: PublishRequest): Promise<Verdict> {
    if (this.#closed || !this.#registration.isRegistered) throw legacyErrors.closed()
    if (this.#publishing) throw new TypeError('Await the previous publish first.')
    this.#publishing = true
    try {
      return await this.#awake(() => this.#publish(request))
    } finally {
      this.#publishing = false
    }
  }

  /** No effect: the server keeps no messages. */
  resume(): void {}

  /** No effect: the server has no floors. */
  yield(): void {}

  close(): Promise<void> {
    this.#closed = true
    this.#closing ??= this.#awake(() => this.#close())
    return this.#closing
  }

  async #awake<T>(run: () => Promise<T>): Promise<T> {
    const sleep = this.#options.clock.keepProcessAlive()
    try {
      return await run()
    } finally {
      sleep()
    }
  }

  async #open({ room, username, resume }: OpenRequest): Promise<OpenResult> {
    if (username === SERVER_NAME) throw legacyErrors.nameOfServer(username)
    // `open` settles within 5 seconds in total.
    const until = this.#options.clock.monotonic() + REGISTER_MS
    this.#username = username
    const session = resume?.session ?? {
      session_id: randomHex(),
      token: randomHex(),
      room,
      sender_id: username,
      log: randomHex(),
    }
    const cursor = resume?.after ?? 0
    this.#sequence = new LocalSequence(this.#options.clock, session.log, cursor)
    const ours = this.#options.reclaim || resume?.session.sender_id === username
    // Asked before the room is refused: at a wrong address there is no such server for any room.
    const isNew = await this.#registration.join(username, ours)
    if (this.#closed) throw legacyErrors.closed()
    if (room !== 'lobby') {
      if (isNew) await this.#registration.release()
      else this.#registration.abandon()
      throw legacyErrors.room(room)
    }
    const failure = await this.#firstConnection(until - this.#options.clock.monotonic())
    if (this.#closed) throw legacyErrors.closed()
    if (failure) {
      this.#stream?.close()
      // Free a name that was new. One from before keeps its queue on the server.
      if (isNew) void this.#awake(() => this.#registration.release())
      else this.#registration.abandon()
      throw legacyErrors.noEvents(this.#url, failure)
    }
    return { session, cursor, policy: 'hold', resumed: resume !== undefined }
  }

  /** Starts the stream. Resolves with undefined once connected, or with the reason after `ms` milliseconds. */
  async #firstConnection(ms: number): Promise<string | undefined> {
    const { fetch, clock, random, backoff, idleTimeoutMs } = this.#options
    let settle = () => {}
    const settled = new Promise<void>(resolve => {
      settle = resolve
    })
    this.#resolveOpening = settle
    let reason = 'its event stream did not open in time'
    this.#stream = new ReconnectingStream({
      url: () => `${this.#url}/events?username=${encodeURIComponent(this.#username)}`,
      fetch,
      clock,
      random,
      backoff,
      idleTimeoutMs,
      onEvent: event => this.#onEvent(String(event.data)),
      onUp: () => {
        this.#matcher.setConnected(true)
        this.#link.next({ state: 'up' })
        settle()
      },
      onDown: loss => {
        reason = loss.reason
        this.#onDown(loss)
      },
      recover: loss => this.#recover(loss),
    })
    this.#stream.start()
    await waitAtMost(clock, settled, ms)
    return this.#link.value.state === 'up' ? undefined : reason
  }

  #onDown({ reason, status }: StreamLoss): void {
    this.#matcher.setConnected(false)
    const why =
      status === 403
        ? `The chat server at ${this.#url} does not know you any more: joining again. Messages in between are lost.`
        : `The connection to ${this.#url} is down: ${reason}. Reconnecting.`
    const { value } = this.#link
    if (value.state !== 'down' || value.reason !== why) this.#link.next({ state: 'down', reason: why })
  }

  /** Registers again after 403: the server was restarted, or another client unregistered the name. */
  async #recover({ status }: StreamLoss): Promise<boolean> {
    if (status !== 403) return false
    return this.#registration.rejoin().then(
      () => true,
      () => false,
    )
  }

  #onEvent(data: string): void {
    for (const item of parseEvents(data)) {
      if (item.type === 'presence')
        this.#inbound.next({ type: 'presence', sender_id: item.sender, present: item.present })
      else if (item.sender === this.#username) this.#onOwnMessage(item.content)
      else this.#emit(item.sender, item.content, false)
    }
  }

  #onOwnMessage(content: string): void {
    const echo = this.#matcher.classify(content)
    // The message already has a seq.
    if (echo === 'late') return
    const message = this.#emit(this.#username, content, echo === 'expected')
    if (echo === 'expected') this.#matcher.resolve(message)
    else this.#matcher.remember(message)
  }

  #emit(sender: string, content: string, own: boolean): Message {
    const message = this.#sequence.next(sender, content, own)
    this.#inbound.next({ type: 'message', message })
    return message
  }

  async #publish({ content, base, isRetry }: PublishRequest): Promise<Verdict> {
    const message = isRetry ? await this.#findSent(content, base) : await this.#send(content)
    const { message_id, timestamp, seq } = message
    return { sent: true, message_id, timestamp, seq, durability: 'unknown', ...this.#sequence.crossed(base, seq) }
  }

  async #send(content: string): Promise<Message> {
    const { echo } = await send(this.#sendDeps(), content)
    return echo ?? this.#emit(this.#username, content, true)
  }

  async #findSent(content: string, base: number): Promise<Message> {
    const before = this.#matcher.claim(content, base)
    if (before) this.#sequence.markOwn(before.seq)
    return before ?? waitForEcho(this.#sendDeps(), content)
  }

  #sendDeps(): SendDeps {
    const { clock, echoTimeoutMs } = this.#options
    return {
      http: this.#http,
      echoes: this.#matcher,
      clock,
      echoTimeoutMs,
      username: this.#username,
      register: () => this.#registration.rejoin(),
      onReachable: () => this.#stream?.retryNow(),
      isClosed: () => this.#closed,
    }
  }

  async #close(): Promise<void> {
    this.#stream?.close()
    this.#resolveOpening?.()
    this.#matcher.stopExpecting()
    this.#inbound.complete()
    this.#link.complete()
    await this.#registration.leave()
  }
}

const definedOf = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T

/** 128 random bits. `crypto.randomUUID` is missing in pages that did not come over HTTPS. */
const randomHex = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
