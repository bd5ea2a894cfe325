import { Buffer } from 'node:buffer'
import type { Clock, Message, Seq } from '@midsentence/core'
import {
  type HeartbeatConnection,
  PresenceBacklog,
  type PresenceChange,
  type RoomListener,
  type RoomSubscription,
} from '@midsentence/core/hub'
import type { EventFrame } from './frame.ts'
import { heartbeat, hushFrame, messagesFrame, missedFrame, opening, presenceFrame } from './frames.ts'
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

/**
 * Writes a room's events to one connection. It queues no messages: a stalled reader resumes from the room's log. Of
 * presence it keeps the last change of each name.
 */
export class EventStream implements RoomListener, HeartbeatConnection {
  readonly #connection: StreamConnection
  readonly #clock: Clock
  #subscription: RoomSubscription | undefined
  /** The last seq written. */
  #lastSeq: Seq = 0
  /** The unwritten part of the current frame. */
  #unwritten: Buffer | undefined
  #stalledAt: number | undefined
  readonly #backlog = new PresenceBacklog()
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

  /** Calls `run` once the response is closed. */
  onClosed(run: () => void): void {
    this.#connection.onClosed(run)
  }

  /** Sends the head and the opening event, then lets messages follow. */
  open(log: string, sender_id: string, subscription: RoomSubscription): void {
    this.#subscription = subscription
    if (this.isClosed) return subscription.close()
    this.#lastSeq = subscription.cursor
    this.#connection.start(head)
    if (this.#writeInPieces(opening(log, this.#lastSeq, sender_id))) subscription.resume()
  }

  messages(batch: readonly Message[]): boolean {
    this.#lastSeq = batch.at(-1)!.seq
    return this.#write(messagesFrame(batch))
  }

  missed(from: Seq, to: Seq): void {
    this.#write(missedFrame(this.#lastSeq, from, to))
  }

  presence(changes: ReadonlyMap<string, PresenceChange>): void {
    if (this.#stalledAt === undefined) this.#write(presenceFrame(this.#lastSeq, changes))
    else this.#backlog.presence(changes)
  }

  writing(changes: ReadonlyMap<string, PresenceChange>): void {
    if (this.#stalledAt === undefined) this.#write(presenceFrame(this.#lastSeq, changes))
    else this.#backlog.writing(changes)
  }

  hush(on: boolean): void {
    this.#write(hushFrame(this.#lastSeq, on))
  }

  /** Called when the session is over or the hub closes. */
  ended(): void {
    this.end()
  }

  /** Ends the response after what was written. Idempotent. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#unwritten = undefined
    this.#subscription?.close()
    this.#connection.end()
  }

  /** Breaks the connection and discards unwritten bytes. Idempotent. */
  drop(): void {
    this.end()
    this.#connection.drop()
  }

  /** Writes a heartbeat, or drops a reader that has stalled too long. Called by `Heartbeats`. */
  beat(): void {
    if (this.#stalledAt === undefined) this.#write(heartbeat)
    else if (this.#clock.monotonic() - this.#stalledAt >= STALL_MS && this.#isBacklogged()) this.drop()
  }

  #isBacklogged(): boolean {
    return this.#isEnded || this.#connection.unsentBytes + (this.#unwritten?.length ?? 0) > STALL_BYTES
  }

  #write(frame: EventFrame): boolean {
    if (this.#isEnded) return false
    if (this.#stalledAt !== undefined || frame.plain.length > PIECE_BYTES) return this.#writeInPieces(frame.plain)
    if (this.#connection.write(frame)) return true
    this.#stalledAt = this.#clock.monotonic()
    return false
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
    if (this.#backlog.size > 0) this.#write(presenceFrame(this.#lastSeq, this.#backlog.take()))
    if (this.#stalledAt === undefined) this.#subscription?.resume()
  }
}
