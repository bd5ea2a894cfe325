import type { Message, Seq } from '@midsentence/core'
import type { RoomListener, RoomSubscription } from '@midsentence/core/hub'
import { messageFrames, missedFrame, presenceFrames, welcomeFrame } from './frames.ts'
import type { SendBuffer } from './send-buffer.ts'

/** Presence changes kept for a stalled client. More of them drop it. */
const MAX_PRESENCE = 1000

/** The connection of a subscriber. */
export interface SocketSubscriberOwner {
  /** Called when the session is over, the hub closes, or the log cannot be read. */
  ended(subscriber: SocketSubscriber): void
  /** Called when too much waits for a stalled client. */
  drop(): void
}

/**
 * Writes a room's events to one socket. It queues no messages: a stalled client resumes from the room's log. Of presence
 * it keeps the last change of each name.
 */
export class SocketSubscriber implements RoomListener {
  readonly #buffer: SendBuffer
  readonly #owner: SocketSubscriberOwner
  readonly #log: string
  readonly #presence = new Map<string, boolean>()
  #subscription: RoomSubscription | undefined
  #started = false
  #stopped = false

  constructor(buffer: SendBuffer, log: string, owner: SocketSubscriberOwner) {
    this.#buffer = buffer
    this.#log = log
    this.#owner = owner
  }

  /** Sets the subscription. Called once, before `start`. */
  attach(subscription: RoomSubscription): void {
    this.#subscription = subscription
    if (this.#stopped) subscription.close()
  }

  /** Writes the welcome frame, then lets presence and messages follow. Idempotent. */
  start(): void {
    if (this.#started || this.#stopped || !this.#subscription) return
    this.#started = true
    if (this.#buffer.write(welcomeFrame(this.#log, this.#subscription.cursor))) this.#subscription.resume()
  }

  messages(batch: readonly Message[]): boolean {
    return this.#stopped ? false : this.#buffer.write(messageFrames(batch))
  }

  missed(from: Seq, to: Seq): void {
    if (!this.#stopped) this.#buffer.write(missedFrame(from, to))
  }

  presence(sender_id: string, present: boolean): void {
    if (this.#stopped) return
    this.#presence.set(sender_id, present)
    if (this.#presence.size > MAX_PRESENCE) this.#owner.drop()
    else this.#writePresence()
  }

  ended(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#owner.ended(this)
  }

  /** Continues after the socket drained. */
  drained(): void {
    if (this.#stopped || !this.#started) return
    this.#writePresence()
    if (!this.#buffer.isStalled) this.#subscription?.resume()
  }

  /** Ends the subscription. Idempotent. */
  stop(): void {
    this.#stopped = true
    this.#subscription?.close()
  }

  #writePresence(): void {
    if (this.#buffer.isStalled || this.#presence.size === 0) return
    const frames = presenceFrames(this.#presence)
    this.#presence.clear()
    this.#buffer.write(frames)
  }
}
