/** A message's place in its room: 1, 2, 3, … without gaps. */
export type Seq = number

/** One message of a room. A reader ignores fields it does not know. */
export interface Message {
  readonly message_id: string
  readonly sender_id: string
  readonly content: string
  /** RFC 3339 in UTC with milliseconds; never before the room's last. Order is by `seq`, never by time. */
  readonly timestamp: string
  readonly seq: Seq
  /** The cursor its push was judged by. Absent where the other side does not say. */
  readonly base?: Seq
  /** Seqs of others strictly between `base` and `seq`, the newest hundred. */
  readonly crossed?: readonly Seq[]
  /** How many more there were. */
  readonly crossed_more?: number
  /** For applications; carried untouched, never shown to a model. */
  readonly meta?: Readonly<Record<string, unknown>>
  /** True where `message_id`, `seq` and `timestamp` were made up by the reader, since the room has none. */
  readonly local_ids?: true
}

/** How durable an acknowledged message is, as in `RoomLog`. `unknown` if the other side does not say. */
export type Durability = 'memory' | 'flushed' | 'unknown'

/** These seqs are gone for good. */
export interface SeqRange {
  readonly from: Seq
  readonly to: Seq
}

/** Who may speak alone, and for how many more milliseconds. */
export interface Floor {
  readonly name: string
  readonly for_ms: number
}
