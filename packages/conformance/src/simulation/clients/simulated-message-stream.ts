import {
  type ErrorCode,
  type Inbound,
  isMidsentenceError,
  type Link,
  type OpenResult,
  type Seq,
} from '@midsentence/core'
import type { JoinResult } from '@midsentence/core/hub'
import {
  BufferedSubject,
  isFinalRefusal,
  isSameIdentity,
  type MessageStream,
  NoResponseError,
  type SessionClient,
  transportErrors,
  waitAtMost,
} from '@midsentence/core/rpc-client'
import { BehaviorSubject } from 'rxjs'
import type { SimulationContext } from '../simulation-context.ts'
import type { ClientProcess } from './client-process.ts'
import { SimulatedStream } from './simulated-stream.ts'

/** Codes after which `rejoin` finds out whether session, cursor or room is unknown. */
const RECOVERABLE: readonly unknown[] = ['invalid-params', 'session-unknown', 'room-unavailable']

/** The messages of a local client. Follows the client halves of the transports, which know the network. */
export class SimulatedMessageStream implements MessageStream {
  readonly #inbound = new BufferedSubject<Inbound>()
  readonly #link = new BehaviorSubject<Link>({ state: 'down', reason: 'Not connected yet.' })
  readonly inbound$ = this.#inbound.values$
  readonly link$ = this.#link.asObservable()
  readonly #client: ClientProcess
  readonly #sessions: SessionClient
  readonly #onLoss: () => void
  readonly #stream: SimulatedStream
  #result!: OpenResult
  #opened = false
  #closed = false
  #resolveOpening = () => {}

  /** `received` is called with the seq of each message. */
  constructor(
    context: SimulationContext,
    client: ClientProcess,
    sessions: SessionClient,
    received: (seq: Seq) => void,
    onLoss: () => void,
  ) {
    this.#client = client
    this.#sessions = sessions
    this.#onLoss = onLoss
    this.#stream = new SimulatedStream(context, client, () => sessions.session?.token ?? '', 0, {
      opened: session => this.#onOpened(session),
      message: message => {
        received(message.seq)
        this.#inbound.next({ type: 'message', message })
      },
      lost: code => this.#onLost(code),
    })
  }

  get link(): Link {
    return this.#link.value
  }

  /** The stream itself, for faults. */
  get stream(): SimulatedStream {
    return this.#stream
  }

  async open(result: OpenResult, ms: number): Promise<OpenResult> {
    this.#result = result
    this.#stream.continueFrom(result.cursor)
    const settled = new Promise<void>(resolve => {
      this.#resolveOpening = resolve
    })
    this.#stream.start()
    await waitAtMost(this.#client.clock, settled, ms)
    if (this.#closed) throw transportErrors.closed()
    const { link } = this
    if (link.state === 'lost') throw transportErrors.sessionEnded(link.reason)
    if (link.state === 'down') {
      this.#stream.close()
      throw transportErrors.noMessageStream('the simulated server', link.reason)
    }
    this.#opened = true
    return this.#result
  }

  resume(after: Seq): void {
    this.#stream.readFrom(after)
  }

  sessionUnknown(): void {
    this.#stream.fail('session-unknown')
  }

  close(): void {
    this.#closed = true
    this.#stream.close()
    this.#resolveOpening()
    this.#inbound.complete()
    this.#link.complete()
  }

  #onOpened({ log, sender_id }: JoinResult): void {
    const { session } = this.#result
    if (log !== session.log) return this.sessionUnknown()
    this.#continue({ ...this.#result, session: { ...session, sender_id }, resumed: true })
    if (this.link.state !== 'up') this.#link.next({ state: 'up' })
    this.#resolveOpening()
  }

  async #onLost(code: ErrorCode | undefined): Promise<boolean> {
    if (this.link.state === 'up') this.#link.next({ state: 'down', reason: 'The connection is down. Reconnecting.' })
    this.#onLoss()
    if (!RECOVERABLE.includes(code)) return false
    try {
      const result = await this.#sessions.rejoin()
      if (this.#closed) return false
      if (result.resumed && code === 'invalid-params') this.#lose('The server rejects its own cursor.')
      else this.#continue(result)
      return true
    } catch (error) {
      if (isFinalRefusal(error) && !this.#closed) this.#lose(`You cannot come back into the room. ${error.message}`)
      else if (!(error instanceof NoResponseError) && !isMidsentenceError(error)) throw error
      return false
    }
  }

  #continue(result: OpenResult): void {
    const before = this.#result.session
    if (!result.resumed) this.#stream.continueFrom(result.cursor)
    // A session that `open` created was not resumed, although a broken connection makes the client resume it.
    const resumed = result.resumed && (this.#opened || this.#result.resumed)
    this.#result = { ...result, cursor: this.#stream.after, resumed }
    if (!this.#opened || (result.resumed && isSameIdentity(before, result.session))) return
    this.#inbound.next({ type: 'rejoined', welcome: this.#result })
  }

  #lose(reason: string): void {
    this.#stream.close()
    this.#link.next({ state: 'lost', reason })
    this.#link.complete()
    this.#resolveOpening()
  }
}
