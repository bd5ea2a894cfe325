import type { Duplex } from 'node:stream'
import { type Clock, isMidsentenceError, rpcNumbers, type Seq } from '@midsentence/core'
import type { HeartbeatConnection, Hub, HubSession } from '@midsentence/core/hub'
import type { RpcCaller, RpcDispatcher } from '@midsentence/core/wire'
import type { WebSocket } from 'ws'
import { type CloseReason, closeReasons } from './close-codes.ts'
import { limitFrames } from './frame-limit.ts'
import { frameOf, heartbeat, pongFrame } from './frames.ts'
import { SendBuffer } from './send-buffer.ts'
import { SocketSubscriber, type SocketSubscriberOwner } from './socket-subscriber.ts'

/** A socket that takes nothing of what waits for it for so long is dropped; its session may resume. */
const STALL_MS = 30_000
/** One of which nothing was heard, not even the pong to a ping, at so many visits in a row is dropped too. */
const SILENT_BEATS = 2
/** One that nobody has joined or resumed on at so many visits is closed. */
const NOBODY_BEATS = 4
/** So many pings and pongs may come between two visits. */
const MAX_PINGS = 100
/** While so many calls are under way, or so many bytes of them, no more are read. */
const MAX_CALLS = 64
const MAX_CALL_BYTES = 2 ** 20

/** How many bytes a frame may have: a caller without a session has little to say. */
export interface FrameLimits {
  readonly withSession: number
  readonly without: number
}

export interface WsConnectionDeps {
  readonly hub: Hub
  readonly dispatcher: RpcDispatcher
  readonly limits: FrameLimits
  readonly clock: Clock
  /** Where it calls from, where somebody wants to know. */
  readonly address?: string
}

/** One socket: whose calls it carries, and who hears a room by it once it is bound to a session. */
export class WsConnection implements RpcCaller, HeartbeatConnection, SocketSubscriberOwner {
  session: HubSession | undefined
  readonly #parts: WsConnectionDeps
  readonly address: string | undefined
  readonly #quiet: boolean
  readonly #outlet: SendBuffer
  #socket: WebSocket | undefined
  #reading: SocketSubscriber | undefined
  #gone: AbortController | undefined
  /** Calls that came when there were too many. */
  readonly #waiting: Buffer[] = []
  #calls = 0
  #bytes = 0
  #pings = 0
  #silent = 0
  #visits = 0
  /** It is to be closed, once what is under way is answered. */
  #leaving = false
  #closed = false

  /** `stream` is what the socket is going to be made of: it is written to directly. `quiet`: it carries calls alone. */
  constructor(stream: Duplex, quiet: boolean, parts: WsConnectionDeps) {
    this.address = parts.address
    this.#quiet = quiet
    this.#parts = parts
    this.#outlet = new SendBuffer(stream, parts.clock)
    stream.on('drain', () => this.#drained())
  }

  /** From now on it is open. */
  open(socket: WebSocket): void {
    this.#socket = socket
    if (!this.session) limitFrames(socket, this.#parts.limits.without)
    socket.on('error', nobodyToTell)
    socket.on('message', (data: Buffer, isBinary) => this.#heard(data, isBinary))
    socket.on('ping', data => this.#pinged() && !this.#outlet.isStalled && this.#write(pongFrame(data)))
    socket.on('pong', () => this.#pinged())
    socket.once('close', () => this.#over())
    this.#reading?.start()
  }

  /** Aborts when the socket is gone. Made when it is asked for. */
  get signal(): AbortSignal {
    this.#gone ??= new AbortController()
    if (this.#closed) this.#gone.abort()
    return this.#gone.signal
  }

  /** Binds it to a session, and hears its room from behind `after`: behind the answer that tells of it. */
  async joined(session: HubSession, after?: Seq): Promise<void> {
    const reading = this.#quiet ? undefined : new SocketSubscriber(this.#outlet, this.#parts.hub.log, this)
    reading?.attach(await session.subscribe(reading, after))
    if (this.#closed) return reading?.stop()
    this.#reading?.stop()
    this.#reading = reading
    this.session = session
    if (this.#socket) limitFrames(this.#socket, this.#parts.limits.withSession)
  }

  ended(reading: SocketSubscriber): void {
    if (reading !== this.#reading) return
    this.#leaving = true
    // Why is known when the hub is done with it.
    queueMicrotask(() => this.#leaveWhenDone())
  }

  beat(): void {
    const silent = this.#paused ? 0 : this.#silent++
    this.#pings = 0
    if (this.#outlet.stalledFor >= STALL_MS || silent >= SILENT_BEATS) return this.drop()
    if (!this.session && ++this.#visits > NOBODY_BEATS) return this.#close(closeReasons.notJoined)
    if (!this.#outlet.isStalled) this.#write(heartbeat)
  }

  end(): void {
    this.#close(closeReasons.serverClosing)
  }

  drop(): void {
    this.#over()
    this.#socket?.terminate()
  }

  onClosed(run: () => void): void {
    const { CLOSED } = this.#socket!
    if (this.#socket!.readyState === CLOSED) run()
    else this.#socket!.once('close', run)
  }

  get #paused(): boolean {
    return this.#calls >= MAX_CALLS || this.#bytes >= MAX_CALL_BYTES || this.#outlet.isStalled
  }

  #heard(data: Buffer, isBinary: boolean): void {
    this.#silent = 0
    if (this.#closed) return
    if (isBinary) {
      this.#write(notText)
      return this.#close(closeReasons.binary)
    }
    const { length } = data
    if (!this.session && length > this.#parts.limits.without) return this.#close(closeReasons.tooLong)
    // What was read together comes together, also when nothing more is read: it waits here, as bytes.
    if (this.#waiting.length > 0 || this.#paused) this.#waiting.push(data)
    else this.#take(data)
    if (this.#paused) this.#socket!.pause()
  }

  #take(data: Buffer): void {
    const { length } = data
    this.#calls++
    this.#bytes += length
    void this.#parts.dispatcher.dispatch(data.toString(), this).then(said => this.#answer(said, length))
  }

  #answer(said: string | undefined, length: number): void {
    this.#calls--
    this.#bytes -= length
    if (this.#closed) return
    if (said !== undefined) this.#write(frameOf(said))
    this.#reading?.start()
    this.#leaveWhenDone()
    if (!this.#closed) this.#readOn()
  }

  #pinged(): boolean {
    this.#silent = 0
    if (++this.#pings <= MAX_PINGS) return true
    this.#close(closeReasons.tooManyPings)
    return false
  }

  #write(frames: Buffer): void {
    if (this.#closed || this.#outlet.write(frames)) return
    this.#socket?.pause()
  }

  #drained(): void {
    if (this.#closed || !this.#outlet.drained()) return
    this.#reading?.drained()
    this.#readOn()
  }

  #readOn(): void {
    while (this.#waiting.length > 0 && !this.#paused) this.#take(this.#waiting.shift()!)
    if (this.#socket?.isPaused && !this.#paused) this.#socket.resume()
  }

  #leaveWhenDone(): void {
    if (this.#leaving && this.#calls === 0) this.#close(this.#whyEnded())
  }

  #close([code, reason]: CloseReason): void {
    if (this.#closed) return
    this.#over()
    // A paused socket would never read the answer to this.
    this.#socket?.resume()
    this.#socket?.close(code, reason)
  }

  #over(): void {
    if (this.#closed) return
    this.#closed = true
    this.#outlet.clear()
    this.#waiting.length = 0
    this.#reading?.stop()
    this.#gone?.abort()
  }

  #whyEnded(): CloseReason {
    try {
      this.#parts.hub.enter(this.session!.joinResult.token)
      return closeReasons.logUnreadable
    } catch (error) {
      return isMidsentenceError(error) && error.code === 'session-unknown'
        ? closeReasons.sessionOver
        : closeReasons.serverClosing
    }
  }
}

/** A connection may break at any moment; there is nobody to tell. */
const nobodyToTell = () => {}

const notText = frameOf(
  JSON.stringify({
    jsonrpc: '2.0',
    id: null,
    error: { code: rpcNumbers['invalid-request'], message: 'This came as a binary frame. Send JSON in text frames.' },
  }),
)
