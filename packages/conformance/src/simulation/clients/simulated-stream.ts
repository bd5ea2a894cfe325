import type { Cancel, ErrorCode, Message, Seq } from '@midsentence/core'
import type { JoinResult } from '@midsentence/core/hub'
import type { SimulationContext } from '../simulation-context.ts'
import type { ClientProcess } from './client-process.ts'
import { SimulatedConnection } from './stream-connection.ts'

/** The pause between two attempts to open the stream. */
const RECONNECT_MS = 700

/** A session whose messages a stream reads, after `cursor`. */
interface StreamedSession {
  readonly token: string
  readonly cursor: Seq
}

/** What happens on a stream. */
export interface StreamListener {
  opened?(session: JoinResult): void
  message?(message: Message): void
  /**
   * Called after each loss and each failed attempt. `code`: the error of a server that refused it. Resolves with true to
   * reconnect at once; honoured once until `opened`.
   */
  lost?(code: ErrorCode | undefined): Promise<boolean>
}

/**
 * A client's event stream. It breaks, falls silent, stalls, and resumes after the last message it received. It reports
 * V2 if it receives a message out of order or with a gap.
 */
export class SimulatedStream {
  readonly #context: SimulationContext
  readonly #client: ClientProcess
  readonly #token: () => string
  readonly #listener: StreamListener
  #connection: SimulatedConnection | undefined
  #after: Seq
  #lastOpen = 0
  #downUntil = 0
  #recoveries = 0
  #retry: Cancel | undefined
  #closed = false

  constructor(
    context: SimulationContext,
    client: ClientProcess,
    token: () => string,
    after: Seq,
    listener: StreamListener = {},
  ) {
    this.#context = context
    this.#client = client
    this.#token = token
    this.#after = after
    this.#listener = listener
  }

  /** Opens the stream of a hosted session. It ends with the session: its client opens another one. */
  static ofSession(context: SimulationContext, client: ClientProcess, session: StreamedSession): SimulatedStream {
    const stream = new SimulatedStream(context, client, () => session.token, session.cursor, {
      lost: async code => {
        if (code === 'session-unknown') stream.close()
        return false
      },
    })
    stream.start()
    return stream
  }

  /** The seq up to which it received every message. */
  get after(): Seq {
    return this.#after
  }

  /** When the server last had a connection of it open. */
  get lastOpen(): number {
    return Math.max(this.#lastOpen, this.#connection?.lastOpen ?? 0)
  }

  start(): void {
    if (!this.#connection && !this.#retry) this.#connect()
  }

  /** Reads again from `after`: now if it is connected, else with the next connection. */
  readFrom(after: Seq): void {
    this.#after = after
    const connection = this.#connection
    if (!connection) return
    this.#forget()
    connection.close()
    this.#connect()
  }

  /** Reads on from `after` with the next connection. */
  continueFrom(after: Seq): void {
    this.#after = after
  }

  /** Ends the connection as lost. */
  fail(code: ErrorCode): void {
    this.#connection?.fail(code)
  }

  /** Breaks the connection and refuses others for `ms` milliseconds. `silent`: the server notices later. */
  disconnect(ms: number, silent: boolean): void {
    const { clock, trace } = this.#context
    trace.line(this.#client.planned.name, `the stream is ${silent ? 'silent' : 'disconnected'} for ${ms} ms`)
    this.#downUntil = clock.monotonic() + ms
    this.#connection?.break(silent)
  }

  /** For `ms` milliseconds nothing arrives on the connection, although it looks open. */
  halfOpen(ms: number): void {
    const { clock, trace } = this.#context
    const connection = this.#connection
    if (!connection) return
    trace.line(this.#client.planned.name, `nothing arrives on the stream for ${ms} ms`)
    connection.unreachable()
    clock.after(ms, () => connection.reachable())
  }

  close(): void {
    this.#closed = true
    this.#retry?.()
    this.#forget()?.close()
  }

  #connect(): void {
    this.#retry = undefined
    if (this.#closed) return
    const connection = new SimulatedConnection(this.#context, this.#client, {
      opened: session => {
        this.#recoveries = 0
        this.#context.trace.line(this.#client.planned.name, `the stream resumes after ${this.#after}`)
        this.#listener.opened?.(session)
      },
      message: message => this.#receive(message),
      missed: (from, to) =>
        this.#context.report(
          'L3',
          `${this.#client.planned.name} missed messages ${from} to ${to}, although nothing was removed.`,
        ),
      lost: code => {
        this.#forget()
        void this.#lost(code)
      },
    })
    this.#connection = connection
    if (this.#context.clock.monotonic() < this.#downUntil) connection.fail(undefined)
    else connection.open(this.#token(), this.#after)
  }

  /** Forgets the connection. */
  #forget(): SimulatedConnection | undefined {
    const connection = this.#connection
    this.#lastOpen = this.lastOpen
    this.#connection = undefined
    return connection
  }

  async #lost(code: ErrorCode | undefined): Promise<void> {
    const recovered = await this.#listener.lost?.(code)
    if (this.#closed || this.#connection) return
    if (recovered && ++this.#recoveries === 1) this.#connect()
    else this.#retry = this.#client.clock.after(RECONNECT_MS, () => this.#connect())
  }

  #receive(message: Message): void {
    if (message.seq !== this.#after + 1) {
      const { name } = this.#client.planned
      this.#context.report('V2', `${name}'s stream received message ${message.seq} after ${this.#after}.`)
    }
    this.#after = message.seq
    this.#listener.message?.(message)
  }
}
