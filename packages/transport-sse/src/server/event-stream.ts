import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock, Message, Seq } from '@midsentence/core'
import type { HeartbeatConnection, RoomListener, RoomSubscription } from '@midsentence/core/hub'
import { type EventFrame, writeFrame } from './frame.ts'
import { heartbeat, messagesFrame, missedFrame, opening, presenceFrame } from './frames.ts'

/** A reader that takes nothing for so long, while more than this waits for it, is dropped; it may resume. */
const STALL_MS = 30_000
const STALL_BYTES = 2 ** 20

/** A longer frame is handed over in pieces: that a slow reader takes something is seen when a piece is gone. */
const PIECE_BYTES = 2 ** 18

/** So many comings and goings are kept for a reader that stalls. */
const MAX_PRESENCE = 1000

const head = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  connection: 'keep-alive',
}

/**
 * One connection that reads a room. It queues no messages: while the reader does not keep up the room's log is the
 * queue, and of comings and goings only the last of each name is kept.
 */
export class EventStream implements RoomListener, HeartbeatConnection {
  readonly #res: ServerResponse
  readonly #clock: Clock
  #listening: RoomSubscription | undefined
  /** The last seq that was written. */
  #place: Seq = 0
  /** What is left of the frame under way. */
  #rest: Buffer | undefined
  #stalledAt: number | undefined
  readonly #presence = new Map<string, boolean>()
  #over = false

  /** `socket` is that of `res`, and no earlier answer is under way on it. */
  constructor(res: ServerResponse, socket: Socket, clock: Clock) {
    this.#res = res
    this.#clock = clock
    const drained = () => this.#drained()
    socket.on('drain', drained)
    res.once('close', () => {
      socket.off('drain', drained)
      this.end()
    })
  }

  /** Nothing can be written to it any more. */
  get isClosed(): boolean {
    return this.#over || this.#res.destroyed
  }

  /** Calls `run` once the connection is done with it. */
  onClosed(run: () => void): void {
    if (this.#res.closed) run()
    else this.#res.once('close', run)
  }

  /** Answers the request, and begins. */
  open(log: string, listening: RoomSubscription): void {
    this.#listening = listening
    if (this.isClosed) return listening.close()
    this.#place = listening.cursor
    this.#res.writeHead(200, head)
    if (this.#writeInPieces(opening(log, this.#place))) listening.resume()
  }

  messages(batch: readonly Message[]): boolean {
    this.#place = batch.at(-1)!.seq
    return this.#write(messagesFrame(batch))
  }

  missed(from: Seq, to: Seq): void {
    this.#write(missedFrame(this.#place, from, to))
  }

  presence(sender_id: string, present: boolean): void {
    this.#presence.set(sender_id, present)
    this.#writePresence()
  }

  /** The session is over, or the hub closes. */
  ended(): void {
    this.end()
  }

  /** Ends the response behind what was written. Idempotent. */
  end(): void {
    if (this.#over) return
    this.#over = true
    this.#rest = undefined
    this.#listening?.close()
    if (this.#res.headersSent && !this.#res.destroyed) this.#res.end()
  }

  /** Breaks the connection, whatever is still to be written. Idempotent. */
  drop(): void {
    this.end()
    this.#res.destroy()
  }

  /** To be called every now and then: shows that the line lives, and drops who takes nothing. */
  beat(): void {
    if (this.#stalledAt === undefined) this.#write(heartbeat)
    else if (this.#clock.monotonic() - this.#stalledAt >= STALL_MS && this.#isInTheWay()) this.drop()
  }

  #isInTheWay(): boolean {
    return this.#over || this.#res.writableLength + (this.#rest?.length ?? 0) > STALL_BYTES
  }

  #write(frame: EventFrame): boolean {
    if (this.#over) return false
    if (this.#stalledAt !== undefined || frame.plain.length > PIECE_BYTES) return this.#writeInPieces(frame.plain)
    if (writeFrame(this.#res, frame)) return true
    this.#stalledAt = this.#clock.monotonic()
    return false
  }

  /** As much of it as the reader takes; the rest is kept. */
  #writeInPieces(bytes: Buffer): boolean {
    if (this.#stalledAt !== undefined) {
      this.#rest = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes
      return false
    }
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const next = at + PIECE_BYTES
      if (this.#res.write(bytes.subarray(at, next))) continue
      this.#stalledAt = this.#clock.monotonic()
      if (next < bytes.length) this.#rest = bytes.subarray(next)
      return false
    }
    return true
  }

  #writePresence(): void {
    if (this.#presence.size > MAX_PRESENCE) return this.drop()
    if (this.#stalledAt !== undefined || this.#presence.size === 0) return
    const frame = presenceFrame(this.#place, this.#presence)
    this.#presence.clear()
    this.#write(frame)
  }

  #drained(): void {
    if (this.#over) return
    this.#stalledAt = undefined
    const rest = this.#rest
    this.#rest = undefined
    if (rest && !this.#writeInPieces(rest)) return
    this.#writePresence()
    if (this.#stalledAt === undefined) this.#listening?.resume()
  }
}
