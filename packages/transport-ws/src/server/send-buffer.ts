import type { Duplex } from 'node:stream'
import type { Clock } from '@midsentence/core'

/** More is handed over in pieces: that a slow reader takes something is seen when a piece is gone. */
const PIECE_BYTES = 2 ** 18

/** What goes out by one socket. It knows when the other side does not keep up, and since when it takes nothing. */
export class SendBuffer {
  readonly #socket: Duplex
  readonly #clock: Clock
  /** What waits for the socket to drain, in pieces. */
  #waiting: Buffer[] = []
  #stalledAt: number | undefined

  constructor(socket: Duplex, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
  }

  /** Nothing more should be written before the socket has drained. */
  get isStalled(): boolean {
    return this.#stalledAt !== undefined
  }

  /** For how long the other side has taken nothing of what waits for it, in milliseconds. */
  get stalledFor(): number {
    return this.#stalledAt === undefined ? 0 : this.#clock.monotonic() - this.#stalledAt
  }

  /** Writes whole frames. False: the other side does not keep up; they go out all the same, in order. */
  write(frames: Buffer): boolean {
    if (this.#stalledAt === undefined && frames.length <= PIECE_BYTES) return this.#hand(frames)
    for (let at = 0; at < frames.length; at += PIECE_BYTES) this.#waiting.push(frames.subarray(at, at + PIECE_BYTES))
    return this.#stalledAt === undefined && this.#flush()
  }

  /** The socket has drained. True: all that waited is handed over, and there is room. */
  drained(): boolean {
    this.#stalledAt = undefined
    return this.#flush()
  }

  /** Forgets what waits: it is written no more. */
  clear(): void {
    this.#waiting = []
  }

  #flush(): boolean {
    const waiting = this.#waiting
    for (let next = 0; next < waiting.length; ) {
      if (this.#hand(waiting[next++]!)) continue
      this.#waiting = waiting.slice(next)
      return false
    }
    this.#waiting = []
    return true
  }

  /** Past `ws`, whose every send costs two writes: the socket is ours, and what goes in is whole frames or their order. */
  #hand(bytes: Buffer): boolean {
    if (this.#socket.write(bytes)) return true
    this.#stalledAt = this.#clock.monotonic()
    return false
  }
}
