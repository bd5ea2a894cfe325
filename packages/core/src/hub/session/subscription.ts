import type { Monitor } from '../../ports/monitor.ts'
import type { Message, Seq, SeqRange } from '../../room/message.ts'
import type { RoomListener, RoomSubscription } from '../requests.ts'
import type { Room } from '../room/room.ts'

/** So many messages are taken from the log at once, … */
const READ = 256
/** … and no more of them than have so much text, in code units, but at least one: a reader may stall with them in hand. */
const READ_LENGTH = 64 * 1024

export interface SubscriptionDeps {
  readonly room: Room
  readonly listener: RoomListener
  readonly after: Seq
  /** What was handed over, up to this seq. */
  delivered(seq: Seq): void
  readonly monitor: Monitor
  /** It begins: who is here is told. */
  begins(): void
  closed(): void
}

/**
 * One listener's place in a room. The log is its queue: as long as it keeps up it is handed each batch as it is written;
 * else it reads on where it stopped. Live and replay meet at the cursor, without gap or duplicate.
 */
export class Subscription implements RoomSubscription {
  readonly #deps: SubscriptionDeps
  #cursor: Seq
  #begun = false
  #paused = false
  #reading = false
  #over = false

  constructor(parts: SubscriptionDeps) {
    this.#deps = parts
    this.#cursor = parts.after
  }

  get cursor(): Seq {
    return this.#cursor
  }

  /** Its listener takes nothing for now. */
  get paused(): boolean {
    return this.#paused
  }

  resume(): void {
    if (this.#over) return
    this.#paused = false
    if (!this.#begun) {
      this.#begun = true
      this.#deps.begins()
    }
    if (!this.#reading) void this.#catchUp()
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    this.#deps.closed()
  }

  /** New messages of the room. */
  deliver(batch: readonly Message[]): void {
    if (!this.#begun || this.#over || this.#paused || this.#reading) return
    if (batch[0]!.seq === this.#cursor + 1) this.#handOver(batch)
    else void this.#catchUp()
  }

  presence(sender_id: string, present: boolean): void {
    if (this.#begun && !this.#over) this.#deps.listener.presence(sender_id, present)
  }

  /** Ends it from the room's side. */
  end(reason: string): void {
    if (this.#over) return
    this.close()
    this.#deps.listener.ended(reason)
  }

  async #catchUp(): Promise<void> {
    const { room } = this.#deps
    this.#reading = true
    try {
      while (!this.#over && !this.#paused && this.#cursor < room.window.visible) {
        const reading = room.reader.read(this.#cursor, READ)
        const { messages, missed } = reading instanceof Promise ? await reading : reading
        if (this.#over || (messages.length === 0 && !missed)) break
        if (missed) this.#reportMissed(missed)
        if (messages.length > 0) this.#handOver(fitsOneBatch(messages))
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

function fitsOneBatch(messages: readonly Message[]): readonly Message[] {
  let length = 0
  for (const [at, { content }] of messages.entries()) {
    length += content.length
    if (length > READ_LENGTH && at > 0) return messages.slice(0, at)
  }
  return messages
}
