import type { Monitor } from '../../ports/monitor.ts'
import type { Message, Seq, SeqRange } from '../../room/message.ts'
import type { PresenceChange, RoomListener, RoomSubscription } from '../requests.ts'
import { fitsOneBatch } from '../room/history-reader.ts'
import type { Room } from '../room/room.ts'

/** How many messages the first read from the log asks for. Each read doubles it, unless its texts fill a batch. */
const FIRST_READ = 16
/** How many messages are read from the log at once, at most. */
const MAX_READ = 256

export interface SubscriptionDeps {
  readonly room: Room
  readonly listener: RoomListener
  readonly after: Seq
  /** Called after everything up to `seq` was handed over. */
  delivered(seq: Seq): void
  readonly monitor: Monitor
  /** Called at the first `resume`, to tell who is here. */
  begins(): void
  closed(): void
}

/**
 * Gives a listener the messages of a room. The log is its queue: a listener that keeps up gets each batch as it is
 * written, any other reads on from its cursor. Both meet at the cursor, without a gap or a duplicate.
 */
export class Subscription implements RoomSubscription {
  readonly #deps: SubscriptionDeps
  #cursor: Seq
  #begun = false
  #paused = false
  #reading = false
  #readSize = FIRST_READ
  #closed = false

  constructor(deps: SubscriptionDeps) {
    this.#deps = deps
    this.#cursor = deps.after
  }

  get cursor(): Seq {
    return this.#cursor
  }

  /** Tells whether its listener has paused it. */
  get paused(): boolean {
    return this.#paused
  }

  resume(): void {
    if (this.#closed) return
    this.#paused = false
    if (!this.#begun) {
      this.#begun = true
      this.#deps.begins()
    }
    if (!this.#reading) void this.#catchUp()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#deps.closed()
  }

  /** Hands over new messages of the room. */
  deliver(batch: readonly Message[]): void {
    if (!this.#begun || this.#closed || this.#paused || this.#reading) return
    if (batch[0]!.seq === this.#cursor + 1) this.#handOver(batch)
    else void this.#catchUp()
  }

  presence(changes: ReadonlyMap<string, PresenceChange>): void {
    if (this.#begun && !this.#closed) this.#deps.listener.presence(changes)
  }

  writing(changes: ReadonlyMap<string, PresenceChange>): void {
    if (this.#begun && !this.#closed) this.#deps.listener.writing?.(changes)
  }

  hush(on: boolean): void {
    if (this.#begun && !this.#closed) this.#deps.listener.hush?.(on)
  }

  watchers(watchers: number): void {
    if (this.#begun && !this.#closed) this.#deps.listener.watchers?.(watchers)
  }

  /** Ends it from the side of the room. */
  end(reason: string): void {
    if (this.#closed) return
    this.close()
    this.#deps.listener.ended(reason)
  }

  async #catchUp(): Promise<void> {
    const { room } = this.#deps
    this.#reading = true
    try {
      while (!this.#closed && !this.#paused && this.#cursor < room.window.visible) {
        const page = room.reader.read(this.#cursor, this.#readSize)
        const { messages, missed } = page instanceof Promise ? await page : page
        if (this.#closed || (messages.length === 0 && !missed)) break
        if (missed) this.#reportMissed(missed)
        if (messages.length === 0) continue
        const batch = fitsOneBatch(messages, ({ content }) => content.length)
        // What is read beyond a batch is read again.
        this.#readSize = batch.length < messages.length ? batch.length : Math.min(2 * this.#readSize, MAX_READ)
        this.#handOver(batch)
      }
    } catch {
      this.end('The log of this room cannot be read just now.')
    } finally {
      this.#reading = false
    }
  }

  #reportMissed({ from, to }: SeqRange): void {
    const { listener, delivered } = this.#deps
    this.#cursor = to
    delivered(to)
    listener.missed(from, to)
  }

  #handOver(batch: readonly Message[]): void {
    const { listener, delivered, monitor } = this.#deps
    this.#cursor = batch.at(-1)!.seq
    delivered(this.#cursor)
    this.#paused = !listener.messages(batch)
    monitor.delivered(batch.length)
    if (this.#paused) monitor.stalled()
  }
}

/** Ends the oldest subscription where there are `most`: its reader may be gone without a word. */
export function endOldest(subscriptions: ReadonlySet<Subscription>, most: number): void {
  if (subscriptions.size < most) return
  const [oldest] = subscriptions
  oldest?.end('This session has too many streams open: the oldest was closed.')
}
