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
import { NoAnswer } from './network.ts'
import type { Fate, Person } from './plan.ts'
import type { Stage } from './stage.ts'
import { Stream } from './stream.ts'

/** How often a line looks whether it is up. */
const LOOK_MS = 300

/** The line of a participant that keeps its own draft: publishes by JSON-RPC, messages by a stream. */
export class Line implements Transport {
  readonly supports: Supports = { ids: true, resume: true, echo: true, conditional: true, keys: true }
  readonly inbound$ = new ReplaySubject<Inbound>()
  readonly link$ = new BehaviorSubject<Link>({ state: 'down', reason: 'not connected yet' })
  readonly #stage: Stage
  readonly #person: Person
  readonly #fates: () => Fate
  #welcome: OpenResult | undefined
  #stream: Stream | undefined
  #dead = false

  /** `fates` gives what becomes of each publish. */
  constructor(stage: Stage, person: Person, fates: () => Fate) {
    this.#stage = stage
    this.#person = person
    this.#fates = fates
  }

  /** Who one is here; once it is open. */
  get welcome(): OpenResult {
    return this.#welcome!
  }

  async open({ username, secret, resume }: OpenRequest): Promise<OpenResult> {
    const { server } = this.#stage
    const session = await server.join(username, secret === undefined ? {} : { secret })
    if (!session) throw new MidsentenceError('unavailable', 'There is no server just now.')
    const { policy, cursor, ...entrance } = session.joinResult
    const resumed = resume?.session.token === entrance.token
    const after = resumed ? resume.after : cursor
    const known = { ...entrance, ...(secret !== undefined && { secret }) }
    this.#welcome = { session: known, cursor: after, policy, resumed }
    this.#stream = new Stream(this.#stage, this.#person, entrance.token, after, message => {
      if (!this.#dead) this.inbound$.next({ type: 'message', message })
    })
    this.#look()
    return this.#welcome
  }

  async publish({ content, base, key, timeout_ms = 25_000, meta }: PublishRequest): Promise<Verdict> {
    const { network } = this.#stage
    const params = { content, base, key, timeout_ms, ...(meta && { meta }) }
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'publish', params })
    this.#tell(`publishes ${request}`)
    try {
      const text = await network.call(this.#person.name, request, this.welcome.session.token, this.#fates(), timeout_ms)
      if (this.#dead) return await new Promise<never>(() => {})
      const { result, error } = JSON.parse(text)
      if (error) throw errorFromRpc(error)
      this.#tell(`is told ${text}`)
      return verdictOf(result)
    } catch (error) {
      if (this.#dead) return await new Promise<never>(() => {})
      if (!(error instanceof NoAnswer)) throw error
      // The line is found dead, and comes back.
      this.link$.next({ state: 'down', reason: 'no answer came' })
      throw new MidsentenceError('unavailable', 'No answer came: it is not known whether it was sent.', {
        data: { unknown: true },
      })
    }
  }

  /** The stream goes on by itself from the last message it brought, so nothing is missing. */
  resume(_after: Seq): void {}

  yield(): void {
    const request = JSON.stringify({ jsonrpc: '2.0', method: 'yield' })
    const { life } = this.#stage.server
    if (life && this.#welcome) void life.rpc.dispatch(request, { token: this.#welcome.session.token })
  }

  async close(): Promise<void> {
    this.#dead = true
    this.#stream?.close()
    this.inbound$.complete()
    this.link$.complete()
  }

  cut(ms: number, silent: boolean): void {
    this.#stream?.cut(ms, silent)
  }

  /** The process is gone: nothing of it is heard of again. */
  kill(): void {
    this.#dead = true
    this.#stream?.close()
  }

  #look(): void {
    if (this.#dead) return
    const up = this.#stream!.up
    if (up !== (this.link$.value.state === 'up')) {
      this.link$.next(up ? { state: 'up' } : { state: 'down', reason: 'the line is down' })
    }
    this.#stage.clock.after(LOOK_MS, () => this.#look())
  }

  #tell(what: string): void {
    this.#stage.trace.line(this.#person.name, what)
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
