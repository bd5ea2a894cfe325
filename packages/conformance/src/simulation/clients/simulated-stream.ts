import { isMidsentenceError, type Message, type Seq } from '@midsentence/core'
import type { RoomSubscription } from '@midsentence/core/hub'
import type { PlannedClient } from '../plan.ts'
import type { ServerProcess } from '../server.ts'
import { pause, type SimulationContext } from '../simulation-context.ts'

/** The latency of a message. */
const LATENCY_MS = 3
/** The pause between two attempts to open the stream. */
const RECONNECT_MS = 700

/**
 * A client's event stream. It breaks, falls silent, stallMs, and resumes after the last message it received. It reports
 * V2 if it receives a message out of order or with a gap.
 */
export class SimulatedStream {
  readonly #context: SimulationContext
  readonly #client: PlannedClient
  readonly #token: string
  #process: ServerProcess | undefined
  #subscription: RoomSubscription | undefined
  #connection = 0
  #after: Seq
  #down = false
  #closed = false
  readonly #onMessage: (message: Message) => void

  constructor(
    context: SimulationContext,
    client: PlannedClient,
    token: string,
    after: Seq,
    onMessage: (message: Message) => void = () => {},
  ) {
    this.#context = context
    this.#client = client
    this.#token = token
    this.#after = after
    this.#onMessage = onMessage
    void this.#keepOpen()
  }

  /** The seq up to which it received every message. */
  get after(): Seq {
    return this.#after
  }

  get up(): boolean {
    return this.#subscription !== undefined && this.#process === this.#context.server.process && !this.#down
  }

  disconnect(ms: number, silent: boolean): void {
    if (this.#closed) return
    const { clock, trace } = this.#context
    trace.line(this.#client.name, `the stream is ${silent ? 'silent' : 'disconnected'} for ${ms} ms`)
    this.#down = true
    this.#connection++
    // The server does not notice a silent failure.
    if (!silent) this.#subscription?.close()
    this.#subscription = undefined
    clock.after(ms, () => {
      this.#down = false
    })
  }

  close(): void {
    this.#closed = true
    this.#subscription?.close()
  }

  async #keepOpen(): Promise<void> {
    while (!this.#closed) {
      const { process } = this.#context.server
      if (process && !this.#down && (process !== this.#process || !this.#subscription)) {
        // A session that has left cannot open a stream. Its client opens another after it joins again.
        await this.#open(process).catch(error => {
          if (!isMidsentenceError(error)) throw error
        })
      }
      await pause(this.#context, RECONNECT_MS)
    }
  }

  async #open(process: ServerProcess): Promise<void> {
    const connection = ++this.#connection
    const { clock, plan, trace } = this.#context
    const { stallMs } = this.#client
    let batches = 0
    const session = process.hub.enter(this.#token)
    const subscription = await session.subscribe(
      {
        messages: batch => {
          for (const message of batch)
            clock.after(LATENCY_MS, () => connection === this.#connection && this.#receive(message))
          if (stallMs === undefined || ++batches % 2 === 1) return true
          clock.after(stallMs, () => connection === this.#connection && subscription.resume())
          return false
        },
        missed: (from, to) =>
          this.#context.report(
            'L3',
            `${this.#client.name} missed messages ${from} to ${to}, although nothing was removed.`,
          ),
        presence: () => {},
        ended: () => {
          if (connection === this.#connection) this.#subscription = undefined
        },
      },
      this.#after,
    )
    if (this.#closed || connection !== this.#connection) return subscription.close()
    trace.line(this.#client.name, `the stream resumes after ${this.#after} (seed ${plan.seed})`)
    this.#process = process
    this.#subscription = subscription
    subscription.resume()
  }

  #receive(message: Message): void {
    if (this.#closed) return
    if (message.seq !== this.#after + 1) {
      this.#context.report('V2', `${this.#client.name}'s stream received message ${message.seq} after ${this.#after}.`)
    }
    this.#after = message.seq
    this.#onMessage(message)
  }
}
