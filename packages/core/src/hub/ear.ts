import type { Monitor } from '../ports/monitor.ts'
import type { Message, Missed, Seq } from '../room/message.ts'
import type { Listener, Listening } from './requests.ts'
import type { Room } from './room.ts'

/** So many messages are taken from the log at once, … */
const READ = 256
/** … and no more of them than have so much text, in code units, but at least one: a reader may stall with them in hand. */
const READ_LENGTH = 64 * 1024

export interface EarParts {
  readonly room: Room
  readonly listener: Listener
  readonly after: Seq
  /** What was handed over, up to this seq. */
  heard(seq: Seq): void
  readonly monitor: Monitor
  /** It begins: who is here is told. */
  begins(): void
  closed(): void
}

/**
 * One listener's place in a room. The log is its queue: as long as it keeps up it is handed each batch as it is written;
 * else it reads on where it stopped. Live and replay meet at the cursor, without gap or duplicate.
 */
export class Ear implements Listening {
  readonly #parts: EarParts
  #cursor: Seq
  #begun = false
  #full = false
  #reading = false
  #over = false

  constructor(parts: EarParts) {
    this.#parts = parts
    this.#cursor = parts.after
  }

  get cursor(): Seq {
    return this.#cursor
  }

  /** Its listener takes nothing for now. */
  get full(): boolean {
    return this.#full
  }

  go(): void {
    if (this.#over) return
    this.#full = false
    if (!this.#begun) {
      this.#begun = true
      this.#parts.begins()
    }
    if (!this.#reading) void this.#catchUp()
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    this.#parts.closed()
  }

  /** New messages of the room. */
  spoken(batch: readonly Message[]): void {
    if (!this.#begun || this.#over || this.#full || this.#reading) return
    if (batch[0]!.seq === this.#cursor + 1) this.#hand(batch)
    else void this.#catchUp()
  }

  presence(sender_id: string, present: boolean): void {
    if (this.#begun && !this.#over) this.#parts.listener.presence(sender_id, present)
  }

  /** Ends it from the room's side. */
  end(reason: string): void {
    if (this.#over) return
    this.close()
    this.#parts.listener.ended(reason)
  }

  async #catchUp(): Promise<void> {
    const { room } = this.#parts
    this.#reading = true
    try {
      while (!this.#over && !this.#full && this.#cursor < room.timeline.visible) {
        const reading = room.reader.read(this.#cursor, READ)
        const { messages, missed } = reading instanceof Promise ? await reading : reading
        if (this.#over || (messages.length === 0 && !missed)) break
        if (missed) this.#miss(missed)
        if (messages.length > 0) this.#hand(inOneGo(messages))
      }
    } catch {
      this.end('The log of this room cannot be read just now.')
    } finally {
      this.#reading = false
    }
  }

  #miss({ from, to }: Missed): void {
    const { listener, heard } = this.#parts
    this.#cursor = to
    heard(to)
    listener.missed(from, to)
  }

  #hand(batch: readonly Message[]): void {
    const { listener, heard, monitor } = this.#parts
    this.#cursor = batch.at(-1)!.seq
    heard(this.#cursor)
    this.#full = !listener.messages(batch)
    monitor.delivered(batch.length)
    if (this.#full) monitor.stalled()
  }
}

function inOneGo(messages: readonly Message[]): readonly Message[] {
  let length = 0
  for (const [at, { content }] of messages.entries()) {
    length += content.length
    if (length > READ_LENGTH && at > 0) return messages.slice(0, at)
  }
  return messages
}
