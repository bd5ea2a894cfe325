import type { Duplex } from 'node:stream'
import { type Clock, isMidsentenceError, rpcNumbers, type Seq } from '@midsentence/core'
import type { Hub, HubSession } from '@midsentence/core/hub'
import {
  answerCost,
  type BackloggedConnection,
  boundSocketError,
  type CallBudget,
  isSameSession,
  type PreparedCalls,
  type ReaderBacklog,
  type RpcCaller,
  type RpcDispatcher,
} from '@midsentence/core/wire'
import type { WebSocket } from 'ws'
import { type CloseReason, closeReasons } from './close-codes.ts'
import { limitFrames } from './frame-limit.ts'
import { frameOf } from './frames.ts'
import { ServedSocket } from './served-socket.ts'
import { SocketSubscriber, type SocketSubscriberOwner } from './socket-subscriber.ts'

/** Heartbeats without a join or resume after which a socket is closed. */
const UNJOINED_BEATS = 4
/** Pings and pongs a client may send between two heartbeats. */
const MAX_PINGS = 100
/** Running calls, and their bytes, at which reading pauses. */
const MAX_CALLS = 64
const MAX_CALL_BYTES = 2 ** 20
/** Bytes of answers that wait for the client. One answer may be longer; if more come, the client is dropped. */
const MAX_UNREAD = 8 * 2 ** 20

/** Bytes a frame may have, with and without a session. */
export interface FrameLimits {
  readonly withSession: number
  readonly without: number
}

export interface WsConnectionDeps {
  readonly hub: Hub
  readonly dispatcher: RpcDispatcher
  readonly limits: FrameLimits
  readonly clock: Clock
  /** Address of the client, for admission. */
  readonly address?: string
  /** What frames are paid from, besides the rate of their session. */
  readonly budget?: CallBudget | undefined
  /** Bounds what waits for the readers of all connections. */
  readonly backlog?: ReaderBacklog | undefined
}

/** One socket: dispatches its calls and, once bound to a session, writes the room to it. */
export class WsConnection extends ServedSocket implements RpcCaller, SocketSubscriberOwner {
  session: HubSession | undefined
  readonly #deps: WsConnectionDeps
  readonly address: string | undefined
  readonly #callsOnly: boolean
  readonly #stream: BackloggedConnection
  #subscriber: SocketSubscriber | undefined
  #abort: AbortController | undefined
  /** Calls received while reading was paused. */
  readonly #queue: Buffer[] = []
  #calls = 0
  #bytes = 0
  /** Bytes of answers written since the client last took everything. */
  #unread = 0
  /** True while a frame waits until the budget has its points. */
  #isUnpaid = false
  #unjoinedBeats = 0
  /** True if the socket closes once running calls are answered. */
  #ending = false

  /** `stream` is the raw socket below the WebSocket; writes go to it directly. `callsOnly`: it receives no room events. */
  constructor(stream: Duplex, callsOnly: boolean, deps: WsConnectionDeps) {
    super(stream, deps.clock, MAX_PINGS)
    this.address = deps.address
    this.#callsOnly = callsOnly
    this.#deps = deps
    this.#stream = stream
  }

  /** Starts once the WebSocket is open. */
  open(socket: WebSocket): void {
    this.attachSocket(socket)
    if (!this.session) limitFrames(socket, this.#deps.limits.without)
    socket.on('message', (data: Buffer, isBinary) => this.#onMessage(data, isBinary))
    this.#subscriber?.start()
  }

  /** Aborts when the socket closes. Created on first use. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.isClosed) this.#abort.abort()
    return this.#abort.signal
  }

  /** Binds the socket to a session and subscribes to its room after seq `after`. Events follow the answer to the call. */
  async joined(session: HubSession, after?: Seq): Promise<void> {
    this.#assertFirst(session)
    const subscriber = this.#callsOnly ? undefined : new SocketSubscriber(this.buffer, this.#deps.hub.log, this)
    subscriber?.attach(await session.subscribe(subscriber, after), session.joinResult.sender_id)
    if (this.isClosed) return subscriber?.stop()
    try {
      // Another join may have been first.
      this.#assertFirst(session)
    } catch (error) {
      subscriber?.stop()
      throw error
    }
    this.#subscriber?.stop()
    this.#subscriber = subscriber
    this.session = session
    if (this.socket) limitFrames(this.socket, this.#deps.limits.withSession)
  }

  #assertFirst(session: HubSession): void {
    if (this.session && !isSameSession(this.session, session)) throw boundSocketError()
  }

  ended(subscriber: SocketSubscriber): void {
    if (subscriber !== this.#subscriber) return
    this.#ending = true
    // The reason is known once the hub has finished ending the session.
    queueMicrotask(() => this.#closeWhenDone())
  }

  override beat(): void {
    if (!this.session && ++this.#unjoinedBeats > UNJOINED_BEATS) return this.close(closeReasons.notJoined)
    super.beat()
  }

  protected override get isPaused(): boolean {
    return this.#isUnpaid || this.#calls >= MAX_CALLS || this.#bytes >= MAX_CALL_BYTES || this.buffer.isStalled
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    this.heard()
    if (this.isClosed) return
    if (isBinary) {
      this.write(notText)
      return this.close(closeReasons.binary)
    }
    const { length } = data
    if (!this.session && length > this.#deps.limits.without) return this.close(closeReasons.tooLong)
    // One read may bring several messages even after `pause`: queue them as bytes.
    if (this.#queue.length > 0 || this.isPaused) this.#queue.push(data)
    else this.#dispatch(data)
    if (this.isPaused) this.socket!.pause()
  }

  #dispatch(data: Buffer): void {
    const { length } = data
    const { dispatcher, budget } = this.#deps
    this.#calls++
    this.#bytes += length
    if (budget) return void this.#payAndRun(budget, dispatcher.prepare(data.toString()), length)
    void dispatcher.dispatch(data.toString(), this).then(answer => this.#answer(answer, length))
  }

  /** Reads no further until the budget has the points of `calls`, then runs them. */
  async #payAndRun(budget: CallBudget, calls: PreparedCalls, length: number): Promise<void> {
    this.#isUnpaid = true
    for (let wait = 1; wait > 0 && !this.isClosed; ) {
      wait = await budget.take(calls.cost, this.session === undefined)
      if (wait > 0) await this.#pause(wait)
    }
    this.#isUnpaid = false
    if (this.isClosed) return
    const answering = calls.run(this)
    this.#continueReading()
    const answer = await answering
    if (answer !== undefined) budget.charge(answerCost(answer.length))
    this.#answer(answer, length)
  }

  #pause(ms: number): Promise<void> {
    this.socket?.pause()
    return new Promise(resolve => void this.#deps.clock.after(ms, resolve))
  }

  #answer(answer: string | undefined, length: number): void {
    this.#calls--
    this.#bytes -= length
    if (this.isClosed) return
    if (answer !== undefined) this.#writeAnswer(frameOf(answer))
    this.#subscriber?.start()
    this.#closeWhenDone()
    if (!this.isClosed) this.#continueReading()
  }

  #reportUnread(): void {
    this.#unread = Math.min(this.#unread, this.buffer.keptBytes)
    this.#deps.backlog?.report(this.#stream, this.#unread, this.address)
  }

  #writeAnswer(frame: Buffer): void {
    if (this.#unread > MAX_UNREAD) return this.drop()
    this.write(frame)
    if (!this.buffer.isStalled) return
    this.#unread += frame.length
    this.#deps.backlog?.report(this.#stream, this.#unread, this.address)
  }

  protected override write(frames: Buffer): boolean {
    const fits = super.write(frames)
    if (!fits && !this.isClosed) this.socket?.pause()
    return fits
  }

  protected override drained(): void {
    const drained = this.buffer.drained()
    if (this.#unread > 0) this.#reportUnread()
    if (!drained) return
    this.#subscriber?.drained()
    this.#continueReading()
  }

  #continueReading(): void {
    while (this.#queue.length > 0 && !this.isPaused) this.#dispatch(this.#queue.shift()!)
    if (this.socket?.isPaused && !this.isPaused) this.socket.resume()
  }

  #closeWhenDone(): void {
    if (this.#ending && this.#calls === 0) this.close(this.#closeReason())
  }

  protected override release(): void {
    this.#queue.length = 0
    this.#subscriber?.stop()
    this.#abort?.abort()
  }

  #closeReason(): CloseReason {
    const { ended, joinResult } = this.session!
    if (ended) return closeReasons.sessionOver
    try {
      this.#deps.hub.enter(joinResult.token)
      return closeReasons.logUnreadable
    } catch (error) {
      return isMidsentenceError(error) && error.code === 'session-unknown'
        ? closeReasons.sessionOver
        : closeReasons.serverClosing
    }
  }
}

const notText = frameOf(
  JSON.stringify({
    jsonrpc: '2.0',
    id: null,
    error: { code: rpcNumbers['invalid-request'], message: 'This came as a binary frame. Send JSON in text frames.' },
  }),
)
