import { Buffer } from 'node:buffer'
import type { Clock } from '@midsentence/core'
import type { HeartbeatConnection } from '@midsentence/core/hub'
import type { EventFrame } from './frame.ts'
import { heartbeat } from './frames.ts'
import type { StreamConnection } from './http-exchange.ts'

/** A reader that takes nothing for this time, with more than these bytes waiting, is dropped. It may resume. */
const STALL_MS = 30_000
const STALL_BYTES = 2 ** 20

/** Longer frames are split, so that each drained piece shows that a slow reader makes progress. */
const PIECE_BYTES = 2 ** 18

const head = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
}

/** Writes events to one connection, and knows whether its reader keeps up. */
export abstract class StreamWriter implements HeartbeatConnection {
  /** Where its events come from, once it is open. */
  protected subscription: { resume(): void; close(): void } | undefined
  readonly #connection: StreamConnection
  readonly #clock: Clock
  /** The unwritten part of the current frame. */
  #unwritten: Buffer | undefined
  #stalledAt: number | undefined
  #isEnded = false

  constructor(connection: StreamConnection, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
    connection.onDrained(() => this.#drained())
    connection.onClosed(() => this.end())
  }

  /** True once nothing can be written any more. */
  get isClosed(): boolean {
    return this.#isEnded || this.#connection.isClosed
  }

  /** True while the reader has to catch up. */
  protected get isStalled(): boolean {
    return this.#stalledAt !== undefined
  }

  /** Calls `run` once the response is closed. */
  onClosed(run: () => void): void {
    this.#connection.onClosed(run)
  }

  /** Goes on after the reader has caught up. */
  protected continue(): void {
    this.subscription?.resume()
  }

  /** Sends the head and the first events. Returns as `write` does. */
  protected start(events: Buffer): boolean {
    this.#connection.start(head)
    return this.#writeInPieces(events)
  }

  /** Writes a frame. Returns false if the reader does not keep up: `continue` is called later. */
  protected write(frame: EventFrame): boolean {
    if (this.#isEnded) return false
    if (this.#stalledAt !== undefined || frame.plain.length > PIECE_BYTES) return this.#writeInPieces(frame.plain)
    if (this.#connection.write(frame)) return true
    this.#stalledAt = this.#clock.monotonic()
    return false
  }

  /** Ends the response after what was written. Idempotent. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#unwritten = undefined
    this.subscription?.close()
    this.#connection.end()
  }

  /** Breaks the connection and discards unwritten bytes. Idempotent. */
  drop(): void {
    this.end()
    this.#connection.drop()
  }

  /** Writes a heartbeat, or drops a reader that has stalled too long. Called by `Heartbeats`. */
  beat(): void {
    if (this.#stalledAt === undefined) this.write(heartbeat)
    else if (this.#clock.monotonic() - this.#stalledAt >= STALL_MS && this.#isBacklogged()) this.drop()
  }

  #isBacklogged(): boolean {
    return this.#isEnded || this.#connection.unsentBytes + (this.#unwritten?.length ?? 0) > STALL_BYTES
  }

  /** Writes as much as the reader takes and keeps the rest. */
  #writeInPieces(bytes: Buffer): boolean {
    if (this.#stalledAt !== undefined) {
      this.#unwritten = this.#unwritten ? Buffer.concat([this.#unwritten, bytes]) : bytes
      return false
    }
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const next = at + PIECE_BYTES
      if (this.#connection.writeBytes(bytes.subarray(at, next))) continue
      this.#stalledAt = this.#clock.monotonic()
      if (next < bytes.length) this.#unwritten = bytes.subarray(next)
      return false
    }
    return true
  }

  #drained(): void {
    if (this.#isEnded) return
    this.#stalledAt = undefined
    const unwritten = this.#unwritten
    this.#unwritten = undefined
    if (unwritten && !this.#writeInPieces(unwritten)) return
    this.continue()
  }
}
