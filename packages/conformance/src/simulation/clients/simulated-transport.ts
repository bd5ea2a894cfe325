import {
  errorFromRpc,
  type Inbound,
  type Link,
  MidsentenceError,
  type OpenRequest,
  type OpenResult,
  type PublishRequest,
  type Seq,
  type Supports,
  type Transport,
  type Verdict,
} from '@midsentence/core'
import { BehaviorSubject, ReplaySubject } from 'rxjs'
import { LostResponse } from '../network.ts'
import type { NetworkFault, PlannedClient } from '../plan.ts'
import type { SimulationContext } from '../simulation-context.ts'
import { SimulatedStream } from './simulated-stream.ts'

/** How often the transport checks whether its stream is up. */
const POLL_MS = 300

/** The transport of a local client: it publishes by JSON-RPC and receives messages by a stream. */
export class SimulatedTransport implements Transport {
  readonly supports: Supports = { ids: true, resume: true, echo: true, conditional: true, keys: true }
  readonly inbound$ = new ReplaySubject<Inbound>()
  readonly link$ = new BehaviorSubject<Link>({ state: 'down', reason: 'not connected yet' })
  readonly #context: SimulationContext
  readonly #client: PlannedClient
  readonly #nextFault: () => NetworkFault
  #welcome: OpenResult | undefined
  #stream: SimulatedStream | undefined
  #closed = false

  /** `nextFault` returns the network fault of each publish. */
  constructor(context: SimulationContext, client: PlannedClient, nextFault: () => NetworkFault) {
    this.#context = context
    this.#client = client
    this.#nextFault = nextFault
  }

  /** The result of `open`. Undefined before. */
  get opened(): OpenResult {
    return this.#welcome!
  }

  async open({ username, secret, resume }: OpenRequest): Promise<OpenResult> {
    const { server } = this.#context
    const session = await server.join(username, secret === undefined ? {} : { secret })
    if (!session) throw new MidsentenceError('unavailable', 'The server is down.')
    const { policy, cursor, ...identity } = session.joinResult
    const resumed = resume?.session.token === identity.token
    const after = resumed ? resume.after : cursor
    const known = { ...identity, ...(secret !== undefined && { secret }) }
    this.#welcome = { session: known, cursor: after, policy, resumed }
    this.#stream = new SimulatedStream(this.#context, this.#client, identity.token, after, message => {
      if (!this.#closed) this.inbound$.next({ type: 'message', message })
    })
    this.#watchStream()
    return this.#welcome
  }

  async publish({ content, base, key, timeout_ms = 25_000, meta }: PublishRequest): Promise<Verdict> {
    const { network } = this.#context
    const params = { content, base, key, timeout_ms, ...(meta && { meta }) }
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'publish', params })
    this.#trace(`publishes ${request}`)
    try {
      const text = await network.call(
        this.#client.name,
        request,
        this.opened.session.token,
        this.#nextFault(),
        timeout_ms,
      )
      if (this.#closed) return await new Promise<never>(() => {})
      const { result, error } = JSON.parse(text)
      if (error) throw errorFromRpc(error)
      this.#trace(`is answered ${text}`)
      return verdictOf(result)
    } catch (error) {
      if (this.#closed) return await new Promise<never>(() => {})
      if (!(error instanceof LostResponse)) throw error
      // A lost response shows that the connection broke.
      this.link$.next({ state: 'down', reason: 'no response' })
      throw new MidsentenceError('unavailable', 'The response was lost: whether the message was sent is not known.', {
        data: { unknown: true },
      })
    }
  }

  /** Does nothing: the stream itself resumes after the last message it received. */
  resume(_after: Seq): void {}

  yield(): void {
    const request = JSON.stringify({ jsonrpc: '2.0', method: 'yield' })
    const { process } = this.#context.server
    if (process && this.#welcome) void process.rpc.dispatch(request, { token: this.#welcome.session.token })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stream?.close()
    this.inbound$.complete()
    this.link$.complete()
  }

  disconnect(ms: number, silent: boolean): void {
    this.#stream?.disconnect(ms, silent)
  }

  /** Stops everything without completing the observables, as a killed process does. */
  kill(): void {
    this.#closed = true
    this.#stream?.close()
  }

  #watchStream(): void {
    if (this.#closed) return
    const up = this.#stream!.up
    if (up !== (this.link$.value.state === 'up')) {
      this.link$.next(up ? { state: 'up' } : { state: 'down', reason: 'the stream is down' })
    }
    this.#context.clock.after(POLL_MS, () => this.#watchStream())
  }

  #trace(what: string): void {
    this.#context.trace.line(this.#client.name, what)
  }
}

function verdictOf(result: Record<string, unknown>): Verdict {
  if (result.status === 1) {
    const { message_id, timestamp, seq, durability, crossed, crossed_more } = result
    const sent = { sent: true, message_id, timestamp, seq, durability }
    return {
      ...sent,
      ...(crossed !== undefined && { crossed }),
      ...(crossed_more !== undefined && { crossed_more }),
    } as Verdict
  }
  const { messages, floor } = result
  return { sent: false, messages, ...(floor !== undefined && { floor }) } as Verdict
}
