import type { Message, ScoreLane, Seq } from '@midsentence/core'

/** Where something is in a score, and when it happened. */
export interface ScoreMoment {
  readonly position: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** The newest seq of the room at that moment. */
  readonly head: Seq
}

/** How a segment left its draft. `unknown`: the records that tell are lost, or the recording stopped. */
export type BlockEnd = 'pushed' | 'undone' | 'reset' | 'replaced' | 'left' | 'unknown'

/** A segment of a draft. */
export interface Block extends ScoreMoment {
  readonly kind: 'block'
  readonly index: number
  readonly lane: Lane
  readonly text: string
  /** What its author had been given when it wrote. */
  readonly base: Seq
  /** Written earlier than its position: the records before are not kept. */
  readonly isEarlier: boolean
  /** The segment before it in its draft. */
  readonly below: Block | undefined
  /** What became of it. Absent: it is still in the draft. */
  end?: ScoreMoment & { readonly how: BlockEnd; readonly seq?: Seq }
}

/** A message of the room. */
export interface MessageBar extends ScoreMoment {
  readonly kind: 'message'
  readonly index: number
  readonly seq: Seq
  /** Its author. Absent: the room has dropped the message. Then the push of a draft may tell, from `joinedAt` on. */
  lane: Lane | undefined
  /** Absent: the room has dropped the message. Then `blocks` may have its text. */
  readonly content: string | undefined
  /** The message as the room sent it. Absent: the room has dropped it. */
  readonly message: Message | undefined
  readonly base: Seq | undefined
  /** Messages that its author had not seen, as the room said. */
  readonly crossed: readonly Seq[]
  /** The segments that it joins, oldest first. */
  blocks: readonly Block[]
  /** The pushes of others that it held, in order of position. */
  readonly holds: Mark[]
  /** The position from which `blocks` are known. */
  joinedAt?: number
  /** It came while another participant had text in its draft. */
  readonly crossesDraft: boolean
}

export type MarkType =
  | 'undone'
  | 'reset'
  | 'held'
  | 'joined'
  | 'left'
  | 'away'
  | 'floor.granted'
  | 'floor.ended'
  | 'gap'
  | 'stopped'

/** Anything else that is drawn. */
export interface Mark extends ScoreMoment {
  readonly kind: 'mark'
  readonly index: number
  readonly type: MarkType
  /** Absent: it concerns the whole room. */
  readonly lane: Lane | undefined
  /** For `held`: the newest message that the author had not seen; for a hold by the floor, the newest of the room. */
  readonly seq?: Seq
  readonly why?: string
  /** Segments that an undo or a reset removed. */
  readonly blocks?: readonly Block[]
  /** Records that a gap lost, if known. */
  readonly lost?: number
}

export type TimelineItem = Block | MessageBar | Mark

/** Something that lasts from one position to another. */
export interface ScoreSpan {
  readonly from: number
  /** The first position at which it is over. */
  to?: number
}

export interface FloorSpan extends ScoreSpan {
  readonly lane: Lane
  /** When it ends at the latest, in milliseconds since 1970. Absent: its beginning is not recorded. */
  readonly until: number | undefined
  readonly fromIndex: number
  toIndex?: number
}

export interface PresenceSpan extends ScoreSpan {
  readonly isAway: boolean
}

/** A participant of the score. Everything in it is in order of position. */
export interface Lane {
  readonly name: string
  readonly index: number
  /** Its first position. */
  readonly from: number
  readonly blocks: Block[]
  readonly messages: MessageBar[]
  readonly holds: Mark[]
  readonly presence: PresenceSpan[]
  readonly given: { readonly position: number; readonly seq: Seq }[]
  /** What the records so far lead to. Undefined: it is not in the room. */
  now: ScoreLane | undefined
  /** The newest segment of its draft. */
  top: Block | undefined
}

/**
 * Everything that a score shows, over all positions. It only grows: an item is added once, and what becomes of it is set
 * once, with the position at which it did. What was there at an earlier position is therefore in it too.
 */
export interface ScoreTimeline {
  /** The positions of the oldest and newest record. 0: there is none. */
  readonly first: number
  readonly last: number
  readonly lanes: ReadonlyMap<string, Lane>
  /** In order of position. */
  readonly items: readonly TimelineItem[]
  /** In order of seq and of position. */
  readonly messages: readonly MessageBar[]
  readonly floors: readonly FloorSpan[]
  readonly holds: readonly Mark[]
  readonly crossings: readonly MessageBar[]
  /** Position and time of each record, in order. */
  readonly positions: readonly number[]
  readonly times: readonly number[]
}
