import type { Duplex } from 'node:stream'
import type { Clock } from '@midsentence/core'

/** Longer writes are split, so that each drained piece shows that a slow reader makes progress. */
const PIECE_BYTES = 2 ** 18

/** Writes to one socket and keeps what it cannot take yet. Knows how long the client has taken nothing. */
export class SendBuffer {
  readonly #socket: Duplex
  readonly #clock: Clock
  /** Pieces that wait for the socket to drain. */
  #waiting: Buffer[] = []
  #stalledAt: number | undefined

  constructor(socket: Duplex, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
  }

  /** True while the socket has to drain: callers should then pause. */
  get isStalled(): boolean {
    return this.#stalledAt !== undefined
  }

  /** Milliseconds since the client last took bytes; 0 if nothing waits. */
  get stalledFor(): number {
    return this.#stalledAt === undefined ? 0 : this.#clock.monotonic() - this.#stalledAt
  }

  /** Writes whole frames, in order. Returns false if the client does not keep up; the frames are kept. */
  write(frames: Buffer): boolean {
    if (this.#stalledAt === undefined && frames.length <= PIECE_BYTES) return this.#send(frames)
    for (let at = 0; at < frames.length; at += PIECE_BYTES) this.#waiting.push(frames.subarray(at, at + PIECE_BYTES))
    return this.#stalledAt === undefined && this.#flush()
  }

  /** Continues after `drain`. Returns true if all kept pieces are written and the socket takes more. */
  drained(): boolean {
    this.#stalledAt = undefined
    return this.#flush()
  }

  /** Bytes of the kept pieces, which the socket was not given yet. */
  get keptBytes(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0)
  }

  /** Discards the kept pieces. */
  clear(): void {
    this.#waiting = []
  }

  #flush(): boolean {
    const waiting = this.#waiting
    for (let next = 0; next < waiting.length; ) {
      if (this.#send(waiting[next++]!)) continue
      this.#waiting = waiting.slice(next)
      return false
    }
    this.#waiting = []
    return true
  }

  /** Writes to the raw socket, since `ws` makes two writes per send. All writes are whole frames or their pieces in order. */
  #send(bytes: Buffer): boolean {
    if (this.#socket.write(bytes)) return true
    this.#stalledAt = this.#clock.monotonic()
    return false
  }
}
