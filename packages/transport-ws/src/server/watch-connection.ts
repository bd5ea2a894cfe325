import type { Duplex } from 'node:stream'
import type { Clock, ScoreRecord } from '@midsentence/core'
import type { ScoreListener, ScoreSubscription } from '@midsentence/core/hub'
import type { WebSocket } from 'ws'
import { closeReasons } from './close-codes.ts'
import { limitFrames } from './frame-limit.ts'
import { missedFrame, recordFrames, scoreWelcomeFrame } from './frames.ts'
import { ServedSocket } from './served-socket.ts'

const MAX_PINGS = 20
/** Bytes of a frame that a watcher may send; the socket is closed for any. */
const FRAME_BYTES = 1024

/** One socket of a watcher: writes the score of a room to it. */
export class WatchConnection extends ServedSocket implements ScoreListener {
  readonly #log: string
  #subscription: ScoreSubscription | undefined

  /** `stream` is the raw socket below the WebSocket; writes go to it directly. */
  constructor(stream: Duplex, log: string, clock: Clock) {
    super(stream, clock, MAX_PINGS)
    this.#log = log
  }

  /** Sets the subscription. Called once, before `open`. */
  attach(subscription: ScoreSubscription): void {
    this.#subscription = subscription
    if (this.isClosed) subscription.close()
  }

  /** Starts once the WebSocket is open. */
  open(socket: WebSocket): void {
    this.attachSocket(socket)
    limitFrames(socket, FRAME_BYTES)
    socket.on('message', () => this.close(closeReasons.onlyListens))
    if (this.buffer.write(scoreWelcomeFrame(this.#log, this.#subscription!.position))) this.#subscription!.resume()
  }

  records(batch: readonly ScoreRecord[]): boolean {
    return this.write(recordFrames(batch))
  }

  missed(from: number, to: number): void {
    this.write(missedFrame(from, to))
  }

  ended(): void {
    this.close(closeReasons.watchOver)
  }

  protected override drained(): void {
    if (this.buffer.drained()) this.#subscription?.resume()
  }

  protected override release(): void {
    this.#subscription?.close()
  }
}
