import type { Message, Seq } from '@midsentence/core'
import { PresenceBacklog, type PresenceChange, type RoomListener, type RoomSubscription } from '@midsentence/core/hub'
import { hushFrame, messageFrames, missedFrame, presenceFrames, watchersFrame, welcomeFrame } from './frames.ts'
import type { SendBuffer } from './send-buffer.ts'

/** The connection of a subscriber. */
export interface SocketSubscriberOwner {
  /** Called when the session is over, the hub closes, or the log cannot be read. */
  ended(subscriber: SocketSubscriber): void
}

/**
 * Writes a room's events to one socket. It queues no messages: a stalled client resumes from the room's log. Of presence
 * it keeps the last change of each name.
 */
export class SocketSubscriber implements RoomListener {
  readonly #buffer: SendBuffer
  readonly #owner: SocketSubscriberOwner
  readonly #log: string
  #name = ''
  readonly #backlog = new PresenceBacklog()
  /** How many watch, if the client was not told yet. */
  #watchers: number | undefined
  #subscription: RoomSubscription | undefined
  #started = false
  #stopped = false

  constructor(buffer: SendBuffer, log: string, owner: SocketSubscriberOwner) {
    this.#buffer = buffer
    this.#log = log
    this.#owner = owner
  }

  /** Sets the subscription, and the name of its session. Called once, before `start`. */
  attach(subscription: RoomSubscription, name: string): void {
    this.#subscription = subscription
    this.#name = name
    if (this.#stopped) subscription.close()
  }

  /** Writes the welcome frame, then lets presence and messages follow. Idempotent. */
  start(): void {
    if (this.#started || this.#stopped || !this.#subscription) return
    this.#started = true
    const welcome = welcomeFrame(this.#log, this.#subscription.cursor, this.#name)
    if (this.#buffer.write(welcome)) this.#subscription.resume()
  }

  messages(batch: readonly Message[]): boolean {
    return this.#stopped ? false : this.#buffer.write(messageFrames(batch))
  }

  missed(from: Seq, to: Seq): void {
    if (!this.#stopped) this.#buffer.write(missedFrame(from, to))
  }

  presence(changes: ReadonlyMap<string, PresenceChange>): void {
    if (this.#stopped) return
    if (this.#buffer.isStalled) this.#backlog.presence(changes)
    else this.#buffer.write(presenceFrames(changes))
  }

  writing(changes: ReadonlyMap<string, PresenceChange>): void {
    if (this.#stopped) return
    if (this.#buffer.isStalled) this.#backlog.writing(changes)
    else this.#buffer.write(presenceFrames(changes))
  }

  hush(on: boolean): void {
    if (!this.#stopped) this.#buffer.write(hushFrame(on))
  }

  watchers(watchers: number): void {
    if (this.#stopped) return
    this.#watchers = watchers
    if (!this.#buffer.isStalled) this.#writeWatchers()
  }

  #writeWatchers(): void {
    if (this.#watchers !== undefined) this.#buffer.write(watchersFrame(this.#watchers))
    this.#watchers = undefined
  }

  ended(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#owner.ended(this)
  }

  /** Continues after the socket drained. */
  drained(): void {
    if (this.#stopped || !this.#started) return
    if (!this.#buffer.isStalled && this.#backlog.size > 0) this.#buffer.write(presenceFrames(this.#backlog.take()))
    if (!this.#buffer.isStalled) this.#writeWatchers()
    if (!this.#buffer.isStalled) this.#subscription?.resume()
  }

  /** Ends the subscription. Idempotent. */
  stop(): void {
    this.#stopped = true
    this.#subscription?.close()
  }
}
