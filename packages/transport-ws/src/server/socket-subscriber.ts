import type { Message, Seq } from '@midsentence/core'
import type { RoomListener, RoomSubscription } from '@midsentence/core/hub'
import { messageFrames, missedFrame, presenceFrames, welcomeFrame } from './frames.ts'
import type { SendBuffer } from './send-buffer.ts'

/** So many comings and goings are kept for a reader that stalls. */
const MAX_PRESENCE = 1000

/** Whose socket it is that reads. */
export interface SocketSubscriberOwner {
  /** The session is over, the hub closes, or the log cannot be read. */
  ended(reading: SocketSubscriber): void
  /** It takes nothing, and too much waits for it. */
  drop(): void
}

/**
 * What one socket hears of its room. It queues no messages: while the reader does not keep up the room's log is the
 * queue, and of comings and goings only the last of each name is kept.
 */
export class SocketSubscriber implements RoomListener {
  readonly #outlet: SendBuffer
  readonly #reader: SocketSubscriberOwner
  readonly #log: string
  readonly #presence = new Map<string, boolean>()
  #listening: RoomSubscription | undefined
  #begun = false
  #over = false

  constructor(outlet: SendBuffer, log: string, reader: SocketSubscriberOwner) {
    this.#outlet = outlet
    this.#log = log
    this.#reader = reader
  }

  /** What it listens by. Called once, before `begin`. */
  attach(listening: RoomSubscription): void {
    this.#listening = listening
    if (this.#over) listening.close()
  }

  /** Says where it reads from, then who is here, then messages. Again: nothing. */
  start(): void {
    if (this.#begun || this.#over || !this.#listening) return
    this.#begun = true
    if (this.#outlet.write(welcomeFrame(this.#log, this.#listening.cursor))) this.#listening.resume()
  }

  messages(batch: readonly Message[]): boolean {
    return this.#over ? false : this.#outlet.write(messageFrames(batch))
  }

  missed(from: Seq, to: Seq): void {
    if (!this.#over) this.#outlet.write(missedFrame(from, to))
  }

  presence(sender_id: string, present: boolean): void {
    if (this.#over) return
    this.#presence.set(sender_id, present)
    if (this.#presence.size > MAX_PRESENCE) this.#reader.drop()
    else this.#tellPresence()
  }

  ended(): void {
    if (this.#over) return
    this.#over = true
    this.#reader.ended(this)
  }

  /** The socket takes more. */
  drained(): void {
    if (this.#over || !this.#begun) return
    this.#tellPresence()
    if (!this.#outlet.isStalled) this.#listening?.resume()
  }

  /** Nothing more is heard. Idempotent. */
  stop(): void {
    this.#over = true
    this.#listening?.close()
  }

  #tellPresence(): void {
    if (this.#outlet.isStalled || this.#presence.size === 0) return
    const frames = presenceFrames(this.#presence)
    this.#presence.clear()
    this.#outlet.write(frames)
  }
}
