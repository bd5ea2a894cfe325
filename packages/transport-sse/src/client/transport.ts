import {
  type Clock,
  type DraftEvent,
  type Hello,
  isMidsentenceError,
  type MidsentenceError,
  type PublishRequest,
  type Seq,
  type Supports,
  systemClock,
  type Transport,
  type Verdict,
  type Welcome,
} from '@midsentence/core'
import { streamFetch } from '#stream-fetch'
import { type Backoff, defaultBackoff } from '../backoff.ts'
import type { StreamFetch } from '../stream-fetch.ts'
import { DraftShow } from './draft-show.ts'
import { Line } from './line.ts'
import { Membership } from './membership.ts'
import { publish } from './publishing.ts'
import { refusals } from './refusals.ts'
import { Rpc } from './rpc.ts'
import { Servers } from './servers.ts'

export interface SseTransportOptions {
  /** Where the server is, as `http://127.0.0.1:8890`. */
  readonly url?: string
  /** Instead of `url`: several servers of the same rooms, tried in turn. */
  readonly urls?: readonly string[]
  /** Default: a small one whose connections keep no process alive; in a browser its own. */
  readonly fetch?: StreamFetch
  readonly clock?: Clock
  /** From 0 to 1, for the waits between attempts. Default `Math.random`. */
  readonly random?: () => number
  /** The waits between attempts to connect again. Default from half a second to 15 s. */
  readonly backoff?: Backoff
  /** A line on which nothing came for so long is dead; the server says something every 15 s. Default 40 s. */
  readonly silenceMs?: number
  /** With it the same name is reached again at any time: 16 or more random bytes as text. Default: the participant's, if it has somewhere to keep one. */
  readonly secret?: string
}

/** The line to a room of a midsentence server: JSON-RPC by POST, messages by server-sent events. */
export const sseTransport = (options: SseTransportOptions): Transport => new SseTransport(options)

const supports: Supports = { ids: true, resume: true, echo: true, conditional: true, keys: true }

/** Opening fails within 5 seconds, all in all. */
const OPEN_MS = 4800
const NOTIFY_MS = 10_000

class SseTransport implements Required<Transport> {
  readonly supports = supports
  readonly #clock: Clock
  readonly #secret: string | undefined
  readonly #rpc: Rpc
  readonly #membership: Membership
  readonly #line: Line
  readonly #draft: DraftShow
  /** Publishes under way. */
  readonly #under = new Set<AbortController>()
  #began = false
  #opened = false
  #closing: Promise<void> | undefined

  constructor({ url, urls = url === undefined ? [] : [url], secret, ...rest }: SseTransportOptions) {
    const options = {
      fetch: rest.fetch ?? streamFetch,
      clock: rest.clock ?? systemClock(),
      random: rest.random ?? Math.random,
      backoff: rest.backoff ?? defaultBackoff,
      silenceMs: rest.silenceMs ?? 40_000,
    }
    const servers = new Servers(urls)
    const broken = 'the line broke before the room had answered'
    this.#clock = options.clock
    this.#secret = secret
    this.#rpc = new Rpc(servers, options.fetch, options.clock)
    this.#membership = new Membership(this.#rpc, servers, options.clock)
    this.#line = new Line(servers, this.#membership, options, () => this.#giveUp(refusals.notCertain(broken)))
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
    const until = this.#clock.monotonic() + OPEN_MS
    const secret = hello.resume?.session.secret ?? hello.secret ?? this.#secret
    const entered = await this.#membership.enter({ ...hello, ...(secret !== undefined && { secret }) }, until)
    if (this.#closing) throw refusals.closed()
    try {
      const welcome = await this.#line.open(entered, until - this.#clock.monotonic())
      this.#opened = true
      return welcome
    } catch (error) {
      // Nobody is kept from the name of somebody who never came in; a session that was there before stays.
      if (this.#closing) throw error
      if (entered.resumed) this.#membership.forsake()
      else void this.#awake(() => this.#membership.leave())
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
    await this.#membership.leave()
  }
}
