import { type Cancel, type Clock, type ErrorCode, isMidsentenceError, type Message, type Seq } from '@midsentence/core'
import type { JoinResult, RoomSubscription } from '@midsentence/core/hub'
import type { DeviceConnection } from '../device.ts'
import type { ServerProcess } from '../server.ts'
import type { SimulationContext } from '../simulation-context.ts'
import type { ClientProcess } from './client-process.ts'

/** The latency of a message. */
const LATENCY_MS = 3
/** After how long without a sign of life the server closes a connection. */
const SERVER_NOTICES_MS = 45_000
/** After how long without data the client closes a connection. */
const CLIENT_NOTICES_MS = 40_000

/** What happens on a connection, as its client sees it. */
export interface ConnectionListener {
  /** The stream is open. `session` tells whose it is. */
  opened(session: JoinResult): void
  message(message: Message): void
  missed(from: Seq, to: Seq): void
  /** Called once, last. `code`: the error of a server that refused it. */
  lost(code: ErrorCode | undefined): void
}

/** One connection of an event stream, with its two ends, which may notice its loss at different times. */
export class SimulatedConnection implements DeviceConnection {
  readonly #context: SimulationContext
  readonly #client: ClientProcess
  readonly #clock: Clock
  readonly #listener: ConnectionListener
  #subscription: RoomSubscription | undefined
  #process: ServerProcess | undefined
  /** When the server closed its end. */
  #closedAt: number | undefined
  #isLost = false
  /** What is on its way while nothing arrives. */
  #held: (() => void)[] | undefined
  #unreachable = 0
  #cancelServer: Cancel = () => {}
  #cancelClient: Cancel = () => {}
  #batches = 0

  constructor(context: SimulationContext, client: ClientProcess, listener: ConnectionListener) {
    this.#context = context
    this.#client = client
    this.#clock = context.clock
    this.#listener = listener
    client.device.connections.add(this)
  }

  /** When the server last had it open: now, or when it closed. Undefined before it was open. */
  get lastOpen(): number | undefined {
    if (!this.#process) return undefined
    return this.#closedAt ?? this.#clock.monotonic()
  }

  open(token: string, after: Seq): void {
    const { process } = this.#context.server
    if (!process) return this.#arrive(() => this.#lose(undefined))
    void process.ended.then(() => {
      if (this.#process) this.#closedAt ??= this.#clock.monotonic()
      this.#arrive(() => this.#lose(undefined))
    })
    process.clock.whenRunning(() => void this.#open(process, token, after))
  }

  async #open(process: ServerProcess, token: string, after: Seq): Promise<void> {
    const { stallMs } = this.#client.planned
    try {
      await process.hub.loadRoomOf?.(token)
      const session = process.hub.enter(token)
      const subscription = await session.subscribe(
        {
          messages: batch => {
            this.#clock.after(LATENCY_MS, () =>
              this.#arrive(() => {
                for (const message of batch) if (!this.#isLost) this.#listener.message(message)
              }),
            )
            if (stallMs === undefined || ++this.#batches % 2 === 1) return true
            this.#clock.after(stallMs, () => process.clock.whenRunning(() => subscription.resume()))
            return false
          },
          missed: (from, to) => this.#arrive(() => this.#listener.missed(from, to)),
          presence: () => {},
          ended: () => {
            this.#closedAt ??= this.#clock.monotonic()
            this.#clock.after(LATENCY_MS, () => this.#arrive(() => this.#lose(undefined)))
          },
        },
        after,
      )
      if (this.#isLost || !this.#context.server.isUp(process)) return subscription.close()
      this.#process = process
      this.#subscription = subscription
      const { joinResult } = session
      this.#arrive(() => this.#listener.opened(joinResult))
      subscription.resume()
    } catch (error) {
      if (!isMidsentenceError(error)) throw error
      this.#arrive(() => this.#lose(error.code))
    }
  }

  /** Loses it at the client's end. `code`: the error that the client was told elsewhere. */
  fail(code: ErrorCode | undefined): void {
    this.#closeAtServer()
    this.#lose(code)
  }

  /** The network drops it. With `silent` the server notices later. */
  break(silent: boolean): void {
    if (silent) this.#clock.after(SERVER_NOTICES_MS, () => this.#closeAtServer())
    else this.#closeAtServer()
    this.#lose(undefined)
  }

  /** The client closes it. */
  close(): void {
    this.#end()
    this.#closeAtServer()
  }

  unreachable(): void {
    if (this.#unreachable++ > 0 || this.#isLost) return
    this.#held ??= []
    this.#cancelServer = this.#clock.after(SERVER_NOTICES_MS, () => this.#closeAtServer())
    this.#cancelClient = this.#client.clock.after(CLIENT_NOTICES_MS, () => this.fail(undefined))
  }

  reachable(): void {
    if (--this.#unreachable > 0 || this.#isLost) return
    this.#cancelServer()
    // A connection that its server has given up stays silent, until its client notices.
    if (this.#closedAt !== undefined) return
    this.#cancelClient()
    const held = this.#held ?? []
    this.#held = undefined
    for (const run of held) this.#arrive(run)
  }

  /** Runs `run` at the client, once it arrives there. */
  #arrive(run: () => void): void {
    if (this.#isLost) return
    if (this.#held) this.#held.push(run)
    else this.#client.device.whenAwake(() => this.#isLost || run())
  }

  #lose(code: ErrorCode | undefined): void {
    if (this.#isLost) return
    this.#end()
    this.#listener.lost(code)
  }

  #end(): void {
    this.#isLost = true
    this.#cancelClient()
    this.#client.device.connections.delete(this)
  }

  #closeAtServer(): void {
    if (this.#process) this.#closedAt ??= this.#clock.monotonic()
    const subscription = this.#subscription
    if (subscription) this.#process!.clock.whenRunning(() => subscription.close())
  }
}
