import type { Duplex } from 'node:stream'
import type { Clock, ScoreRecord } from '@midsentence/core'
import type { HeartbeatConnection, ScoreListener, ScoreSubscription } from '@midsentence/core/hub'
import type { WebSocket } from 'ws'
import { type CloseReason, closeReasons } from './close-codes.ts'
import { limitFrames } from './frame-limit.ts'
import { heartbeat, missedFrame, pongFrame, recordFrames, scoreWelcomeFrame } from './frames.ts'
import { SendBuffer } from './send-buffer.ts'

/** As for other sockets. */
const STALL_MS = 30_000
const SILENT_BEATS = 2
const MAX_PINGS = 20
/** Bytes of a frame that a watcher may send; the socket is closed for any. */
const FRAME_BYTES = 1024

/** One socket of a watcher: writes the score of a room to it. */
export class WatchConnection implements ScoreListener, HeartbeatConnection {
  readonly #buffer: SendBuffer
  readonly #log: string
  #subscription: ScoreSubscription | undefined
  #socket: WebSocket | undefined
  #pings = 0
  #silentBeats = 0
  #closed = false

  /** `stream` is the raw socket below the WebSocket; writes go to it directly. */
  constructor(stream: Duplex, log: string, clock: Clock) {
    this.#buffer = new SendBuffer(stream, clock)
    this.#log = log
    stream.on('drain', () => {
      if (!this.#closed && this.#buffer.drained()) this.#subscription?.resume()
    })
  }

  /** Sets the subscription. Called once, before `open`. */
  attach(subscription: ScoreSubscription): void {
    this.#subscription = subscription
    if (this.#closed) subscription.close()
  }

  /** Starts once the WebSocket is open. */
  open(socket: WebSocket): void {
    this.#socket = socket
    limitFrames(socket, FRAME_BYTES)
    socket.on('error', () => {})
    socket.on('message', () => this.#close(closeReasons.onlyListens))
    socket.on('ping', data => {
      if (this.#countPing() && !this.#buffer.isStalled) this.#write(pongFrame(data))
    })
    socket.on('pong', () => this.#countPing())
    socket.once('close', () => this.#cleanUp())
    if (this.#buffer.write(scoreWelcomeFrame(this.#log, this.#subscription!.position))) this.#subscription!.resume()
  }

  records(batch: readonly ScoreRecord[]): boolean {
    return this.#write(recordFrames(batch))
  }

  missed(from: number, to: number): void {
    this.#write(missedFrame(from, to))
  }

  ended(): void {
    this.#close(closeReasons.watchOver)
  }

  beat(): void {
    const silent = this.#buffer.isStalled ? 0 : this.#silentBeats++
    this.#pings = 0
    if (this.#buffer.stalledFor >= STALL_MS || silent >= SILENT_BEATS) return this.drop()
    if (!this.#buffer.isStalled) this.#write(heartbeat)
  }

  end(): void {
    this.#close(closeReasons.serverClosing)
  }

  drop(): void {
    this.#cleanUp()
    this.#socket?.terminate()
  }

  onClosed(run: () => void): void {
    const { CLOSED } = this.#socket!
    if (this.#socket!.readyState === CLOSED) run()
    else this.#socket!.once('close', run)
  }

  #countPing(): boolean {
    this.#silentBeats = 0
    if (++this.#pings <= MAX_PINGS) return true
    this.#close(closeReasons.tooManyPings)
    return false
  }

  #write(frames: Buffer): boolean {
    return !this.#closed && this.#buffer.write(frames)
  }

  #close([code, reason]: CloseReason): void {
    if (this.#closed) return
    this.#cleanUp()
    this.#socket?.close(code, reason)
  }

  #cleanUp(): void {
    if (this.#closed) return
    this.#closed = true
    this.#buffer.clear()
    this.#subscription?.close()
  }
}
