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
  /** Where the server is, as `http://127.0.0.1:8890`. */
  readonly url: string
  /** Default: a small one whose connections keep no process alive; in a browser its own. */
  readonly fetch?: StreamFetch
  readonly clock?: Clock
  /** From 0 to 1, for the waits between attempts. Default `Math.random`. */
  readonly random?: () => number
  /** How long to wait for one's own message to come back, and before that for an answer, in milliseconds. Default 10 s. */
  readonly echoTimeoutMs?: number
  /** Take the name up even if the server says that it is taken: for what an own run left behind. Default false. */
  readonly reclaim?: boolean
  /** The waits between attempts to connect again. Default from half a second to 15 s. */
  readonly backoff?: Backoff
  /** A line on which nothing came for so long is dead; the server says something every second. Default 15 s. */
  readonly silenceMs?: number
}

/** The line to the existing Python chat server, as it is: one room, no ids, no resuming, no holds. */
export const legacyTransport = (options: LegacyTransportOptions): Transport => new LegacyTransport(options)

const supports: Supports = {
  ids: { no: 'The server gives messages neither ids nor numbers nor a date: they are counted as they arrive.' },
  resume: { no: 'The server forgets a message once it has written it to a stream, even one that just broke.' },
  echo: true,
  conditional: { no: 'The server sends whatever it is given at once: it knows nothing of who has read what.' },
  keys: { no: 'The server knows no keys: the same message sent twice is two messages.' },
}

class LegacyTransport implements Transport {
  readonly supports = supports
  readonly #inlet = new BufferedSubject<Inbound>()
  readonly #link = new BehaviorSubject<Link>({ state: 'down', reason: 'Not connected yet.' })
  readonly inbound$ = this.#inlet.values$
  readonly link$ = this.#link.asObservable()
  readonly #url: string
  readonly #options: Required<Omit<LegacyTransportOptions, 'url'>>
  readonly #http: LegacyHttp
  readonly #registration: Registration
  readonly #echoes: EchoMatcher
  #order!: LocalSequence
  #stream: ReconnectingStream | undefined
  #username = ''
  #opened = false
  #publishing = false
  #closed = false
  #closing: Promise<void> | undefined
  /** Ends the wait for the first connection. */
  #settle: (() => void) | undefined

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
      backoff: defaultBackoff,
      silenceMs: 15_000,
      ...definedOf(options),
    }
    this.#http = new LegacyHttp(this.#url, this.#options.fetch, this.#options.clock)
    this.#registration = new Registration(this.#http, this.#options.clock, this.#url)
    this.#echoes = new EchoMatcher(this.#options.clock)
  }

  async open(hello: OpenRequest): Promise<OpenResult> {
    if (this.#closed) throw legacyErrors.closed()
    if (this.#opened) throw new TypeError('A transport is opened once: make a new one.')
    this.#opened = true
    return this.#awake(() => this.#open(hello))
  }

  async publish(request: PublishRequest): Promise<Verdict> {
    if (this.#closed || !this.#registration.isRegistered) throw legacyErrors.closed()
    if (this.#publishing) throw new TypeError('One publish at a time: await the one before.')
    this.#publishing = true
    try {
      return await this.#awake(() => this.#publish(request))
    } finally {
      this.#publishing = false
    }
  }

  /** The server has nothing to give again. */
  resume(): void {}

  /** The server has no floors. */
  yield(): void {}

  close(): Promise<void> {
    this.#closed = true
    this.#closing ??= this.#awake(() => this.#close())
    return this.#closing
  }

  async #awake<T>(run: () => Promise<T>): Promise<T> {
    const sleep = this.#options.clock.stayAwake()
    try {
      return await run()
    } finally {
      sleep()
    }
  }

  async #open({ room, username, resume }: OpenRequest): Promise<OpenResult> {
    if (room !== 'lobby') throw legacyErrors.room(room)
    if (username === SERVER_NAME) throw legacyErrors.nameOfServer(username)
    // Opening fails within 5 seconds, all in all.
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
    this.#order = new LocalSequence(this.#options.clock, session.log, cursor)
    const ours = this.#options.reclaim || resume?.session.sender_id === username
    const anew = await this.#registration.join(username, ours)
    if (this.#closed) throw legacyErrors.closed()
    const failure = await this.#firstConnection(until - this.#options.clock.monotonic())
    if (this.#closed) throw legacyErrors.closed()
    if (failure) {
      this.#stream?.close()
      // Nobody is kept from the name of somebody who never came in; one that was there before keeps its queue.
      if (anew) void this.#awake(() => this.#registration.release())
      else this.#registration.abandon()
      throw legacyErrors.noEvents(this.#url, failure)
    }
    return { session, cursor, policy: 'hold', resumed: resume !== undefined }
  }

  /** Starts the stream. Resolves at once when it is up; with the reason when it is not in time. */
  async #firstConnection(ms: number): Promise<string | undefined> {
    const { fetch, clock, random, backoff, silenceMs } = this.#options
    let settle = () => {}
    const settled = new Promise<void>(resolve => {
      settle = resolve
    })
    this.#settle = settle
    let reason = 'its event stream did not open in time'
    this.#stream = new ReconnectingStream({
      url: () => `${this.#url}/events?username=${encodeURIComponent(this.#username)}`,
      fetch,
      clock,
      random,
      backoff,
      silenceMs,
      onEvent: event => this.#hear(String(event.data)),
      onUp: () => {
        this.#echoes.setConnected(true)
        this.#link.next({ state: 'up' })
        settle()
      },
      onDown: loss => {
        reason = loss.reason
        this.#lose(loss)
      },
      recover: loss => this.#mend(loss),
    })
    this.#stream.start()
    await waitAtMost(clock, settled, ms)
    return this.#link.value.state === 'up' ? undefined : reason
  }

  #lose({ reason, status }: StreamLoss): void {
    this.#echoes.setConnected(false)
    const why =
      status === 403
        ? `The chat server at ${this.#url} had forgotten you: joining again. What was said meanwhile is lost.`
        : `The line to ${this.#url} is down: ${reason}. It is tried again.`
    const { value } = this.#link
    if (value.state !== 'down' || value.reason !== why) this.#link.next({ state: 'down', reason: why })
  }

  /** 403 means that the server does not know the name: it was started anew, or somebody unregistered it. */
  async #mend({ status }: StreamLoss): Promise<boolean> {
    if (status !== 403) return false
    return this.#registration.rejoin().then(
      () => true,
      () => false,
    )
  }

  #hear(data: string): void {
    for (const item of parseEvents(data)) {
      if (item.type === 'presence')
        this.#inlet.next({ type: 'presence', sender_id: item.sender, present: item.present })
      else if (item.sender === this.#username) this.#hearOwn(item.content)
      else this.#place(item.sender, item.content, false)
    }
  }

  #hearOwn(content: string): void {
    const echo = this.#echoes.classify(content)
    // Its message has its place already.
    if (echo === 'late') return
    const message = this.#place(this.#username, content, echo === 'receipt')
    if (echo === 'receipt') this.#echoes.resolve(message)
    else this.#echoes.remember(message)
  }

  #place(sender: string, content: string, own: boolean): Message {
    const message = this.#order.next(sender, content, own)
    this.#inlet.next({ type: 'message', message })
    return message
  }

  async #publish({ content, base, isRetry }: PublishRequest): Promise<Verdict> {
    const message = isRetry ? await this.#find(content, base) : await this.#send(content)
    const { message_id, timestamp, seq } = message
    return { sent: true, message_id, timestamp, seq, durability: 'unknown', ...this.#order.crossed(base, seq) }
  }

  async #send(content: string): Promise<Message> {
    const { echo } = await send(this.#sending(), content)
    return echo ?? this.#place(this.#username, content, true)
  }

  async #find(content: string, base: number): Promise<Message> {
    const before = this.#echoes.claim(content, base)
    if (before) this.#order.markOwn(before.seq)
    return before ?? waitForEcho(this.#sending(), content)
  }

  #sending(): SendDeps {
    const { clock, echoTimeoutMs } = this.#options
    return {
      http: this.#http,
      echoes: this.#echoes,
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
    this.#settle?.()
    this.#echoes.stopExpecting()
    this.#inlet.complete()
    this.#link.complete()
    await this.#registration.leave()
  }
}

const definedOf = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T

/** 128 random bits. `crypto.randomUUID` is missing in pages that did not come over HTTPS. */
const randomHex = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
