/** The position of a message in its room: 1, 2, 3, … without gaps. */
export type Seq = number

/** One message of a room. Ignore members you do not know. */
export interface Message {
  readonly message_id: string
  readonly sender_id: string
  readonly content: string
  /**
   * RFC 3339 in UTC with milliseconds; never earlier than the room's previous message. Order by `seq`, never by time.
   */
  readonly timestamp: string
  readonly seq: Seq
  /** The cursor by which its push was judged. Absent if the other side does not say. */
  readonly base?: Seq
  /** Seqs of messages from others strictly between `base` and `seq`: the newest hundred. */
  readonly crossed?: readonly Seq[]
  /** How many more messages it crossed. */
  readonly crossed_more?: number
  /** Application data; passed through unchanged, never shown to a model. */
  readonly meta?: Readonly<Record<string, unknown>>
  /** True if the client made up `message_id`, `seq` and `timestamp`, since the room has none. */
  readonly local_ids?: true
}

/**
 * What an acknowledged record of a log survives. `memory`: nothing. `flushed`: a power cut. `replicated`: the loss of a
 * minority of the machines that keep it. `replicated-flushed`: also a power cut of all of them.
 */
export type LogDurability = 'memory' | 'flushed' | 'replicated' | 'replicated-flushed'

/** How durable an acknowledged message is. `unknown` if the other side does not say. */
export type Durability = LogDurability | 'unknown'

/** An inclusive range of seqs that are gone for good. */
export interface SeqRange {
  readonly from: Seq
  readonly to: Seq
}

/** The participant that may speak alone, and for how many more milliseconds. */
export interface Floor {
  readonly name: string
  readonly for_ms: number
}
