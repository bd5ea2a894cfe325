import type { Message, Seq } from '@midsentence/core'
import { PresenceBacklog, type PresenceChange, type RoomListener, type RoomSubscription } from '@midsentence/core/hub'
import { hushFrame, messagesFrame, missedFrame, opening, presenceFrame, watchersFrame } from './frames.ts'
import { StreamWriter } from './stream-writer.ts'

/**
 * Writes a room's events to one connection. It queues no messages: a stalled reader resumes from the room's log. Of
 * presence it keeps the last change of each name.
 */
export class EventStream extends StreamWriter implements RoomListener {
  /** The last seq written. */
  #lastSeq: Seq = 0
  readonly #backlog = new PresenceBacklog()
  /** How many watch, if the reader was not told yet. */
  #watchers: number | undefined

  /** Sends the head and the opening event, then lets messages follow. */
  open(log: string, sender_id: string, subscription: RoomSubscription): void {
    this.subscription = subscription
    if (this.isClosed) return subscription.close()
    this.#lastSeq = subscription.cursor
    if (this.start(opening({ log, cursor: this.#lastSeq, sender_id }, this.#lastSeq))) subscription.resume()
  }

  messages(batch: readonly Message[]): boolean {
    this.#lastSeq = batch.at(-1)!.seq
    return this.write(messagesFrame(batch))
  }

  missed(from: Seq, to: Seq): void {
    this.write(missedFrame(this.#lastSeq, from, to))
  }

  presence(changes: ReadonlyMap<string, PresenceChange>): void {
    if (this.isStalled) this.#backlog.presence(changes)
    else this.write(presenceFrame(this.#lastSeq, changes))
  }

  writing(changes: ReadonlyMap<string, PresenceChange>): void {
    if (this.isStalled) this.#backlog.writing(changes)
    else this.write(presenceFrame(this.#lastSeq, changes))
  }

  watchers(watchers: number): void {
    this.#watchers = watchers
    if (!this.isStalled) this.#writeWatchers()
  }

  hush(on: boolean): void {
    this.write(hushFrame(this.#lastSeq, on))
  }

  /** Called when the session is over or the hub closes. */
  ended(): void {
    this.end()
  }

  protected override continue(): void {
    if (this.#backlog.size > 0) this.write(presenceFrame(this.#lastSeq, this.#backlog.take()))
    if (!this.isStalled) this.#writeWatchers()
    if (!this.isStalled) super.continue()
  }

  #writeWatchers(): void {
    if (this.#watchers !== undefined) this.write(watchersFrame(this.#lastSeq, this.#watchers))
    this.#watchers = undefined
  }
}
