import { type Clock, type Crossed, crossedBetween, type Message, type Seq } from '@midsentence/core'

/** Seqs of other participants to remember, to report what a message crossed. */
const REMEMBERED = 10_000

/** Numbers messages as they arrive, for a server without ids, seqs and dates. */
export class LocalSequence {
  readonly #clock: Clock
  readonly #log: string
  #head: Seq
  #time = 0
  #others: Seq[] = []

  constructor(clock: Clock, log: string, head: Seq) {
    this.#clock = clock
    this.#log = log
    this.#head = head
  }

  /** Builds the next message. `own`: this session sent it. */
  next(sender_id: string, content: string, own: boolean): Message {
    const seq = ++this.#head
    this.#time = Math.max(this.#time, this.#clock.now())
    if (!own && this.#others.push(seq) > 2 * REMEMBERED) this.#others = this.#others.slice(-REMEMBERED)
    const message_id = `local-${this.#log.slice(0, 8)}-${seq}`
    return { message_id, sender_id, content, timestamp: new Date(this.#time).toISOString(), seq, local_ids: true }
  }

  /** Marks a message as sent by this session after all. */
  markOwn(seq: Seq): void {
    this.#others = this.#others.filter(other => other !== seq)
  }

  crossed(base: Seq, seq: Seq): Crossed {
    return crossedBetween(this.#others, base, seq)
  }
}
