import type { Duplex } from 'node:stream'
import type { Clock } from '@midsentence/core'
import type { HeartbeatConnection } from '@midsentence/core/hub'
import type { WebSocket } from 'ws'
import { type CloseReason, closeReasons } from './close-codes.ts'
import { heartbeat, pongFrame } from './frames.ts'
import { SendBuffer } from './send-buffer.ts'

/** Milliseconds a client may take nothing of what waits for it. Then it is dropped; it may resume. */
const STALL_MS = 30_000
/** Heartbeats in a row without any frame from the client, pongs included, after which it is dropped. */
const SILENT_BEATS = 2

/** One socket of a client: its heartbeats, and how it ends. */
export abstract class ServedSocket implements HeartbeatConnection {
  protected readonly buffer: SendBuffer
  protected socket: WebSocket | undefined
  protected isClosed = false
  readonly #maxPings: number
  #pings = 0
  #silentBeats = 0

  /**
   * `stream` is the raw socket below the WebSocket; writes go to it directly. `maxPings`: pings and pongs that a client may send
   * between two heartbeats.
   */
  constructor(stream: Duplex, clock: Clock, maxPings: number) {
    this.buffer = new SendBuffer(stream, clock)
    this.#maxPings = maxPings
    stream.on('drain', () => {
      if (!this.isClosed) this.drained()
    })
  }

  /** Called when the client took something of what waits for it. */
  protected abstract drained(): void

  /** Releases what the socket holds. Called once. */
  protected abstract release(): void

  /** Whether nothing is read, so that a silent client may be alive. */
  protected get isPaused(): boolean {
    return this.buffer.isStalled
  }

  /** Takes the WebSocket once it is open. */
  protected attachSocket(socket: WebSocket): void {
    this.socket = socket
    socket.on('error', ignoreError)
    socket.on('ping', data => {
      if (this.#countPing() && !this.buffer.isStalled) this.write(pongFrame(data))
    })
    socket.on('pong', () => this.#countPing())
    socket.once('close', () => this.#cleanUp())
  }

  /** Notes that the client is alive. */
  protected heard(): void {
    this.#silentBeats = 0
  }

  /** Returns false if the client does not keep up, or the socket is closed. */
  protected write(frames: Buffer): boolean {
    return !this.isClosed && this.buffer.write(frames)
  }

  protected close([code, reason]: CloseReason): void {
    if (this.isClosed) return
    this.#cleanUp()
    // A paused socket would never read the close frame of the client.
    this.socket?.resume()
    this.socket?.close(code, reason)
  }

  beat(): void {
    const silent = this.isPaused ? 0 : this.#silentBeats++
    this.#pings = 0
    if (this.buffer.stalledFor >= STALL_MS || silent >= SILENT_BEATS) return this.drop()
    if (!this.buffer.isStalled) this.write(heartbeat)
  }

  end(): void {
    this.close(closeReasons.serverClosing)
  }

  drop(): void {
    this.#cleanUp()
    this.socket?.terminate()
  }

  onClosed(run: () => void): void {
    const { CLOSED } = this.socket!
    if (this.socket!.readyState === CLOSED) run()
    else this.socket!.once('close', run)
  }

  #countPing(): boolean {
    this.heard()
    if (++this.#pings <= this.#maxPings) return true
    this.close(closeReasons.tooManyPings)
    return false
  }

  #cleanUp(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.buffer.clear()
    this.release()
  }
}

/** A connection may break at any time; `close` follows and cleans up. */
const ignoreError = () => {}
