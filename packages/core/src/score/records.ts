import type { SegmentAppended } from '../draft/events.ts'
import type { Message, Seq } from '../room/message.ts'

/** One participant in a `state`. */
export interface ScoredParticipant {
  readonly sender_id: string
  /** It keeps its name and its draft, and is not here. */
  readonly away?: true
  /** It was given every message up to here. */
  readonly given: Seq
  /** The segments of its draft, oldest first. */
  readonly draft: readonly SegmentAppended[]
}

/** What happened, as observers of the room saw it. */
export type ScoreEvent =
  | { readonly type: 'joined'; readonly sender_id: string }
  /** With `away` it keeps its name and its draft. Else both are gone. */
  | { readonly type: 'left'; readonly sender_id: string; readonly away?: true }
  /** A segment; `base`: the seq up to which its author had been given messages. */
  | { readonly type: 'appended'; readonly sender_id: string; readonly text: string; readonly base: Seq }
  | { readonly type: 'undone'; readonly sender_id: string }
  | { readonly type: 'reset'; readonly sender_id: string }
  /** The draft became message `seq`, and is empty. */
  | { readonly type: 'pushed'; readonly sender_id: string; readonly seq: Seq }
  /** The draft is this now: its author showed all of it again. */
  | { readonly type: 'draft'; readonly sender_id: string; readonly draft: readonly SegmentAppended[] }
  /** A push was not sent. `seq`: the newest message that its author had not seen; for a floor, the newest of the room. */
  | { readonly type: 'held'; readonly sender_id: string; readonly why: 'unseen' | 'floor'; readonly seq: Seq }
  | { readonly type: 'floor.granted'; readonly sender_id: string; readonly for_ms: number }
  | { readonly type: 'floor.ended'; readonly sender_id: string; readonly why: 'sent' | 'yielded' | 'left' | 'time' }
  /** The participant was given every message up to `seq`. */
  | { readonly type: 'given'; readonly sender_id: string; readonly seq: Seq }
  /** Message `seq` is in the room. A hub adds `message` when it reads the record, if the room's log still has it. */
  | { readonly type: 'message'; readonly seq: Seq; readonly message?: Message }
  /** Records are lost here: after a crash, or `lost` of them could not be written. */
  | { readonly type: 'gap'; readonly lost?: number }
  /** Everything that the records before it lead to. */
  | { readonly type: 'state'; readonly participants: readonly ScoredParticipant[]; readonly floor?: string }
  /** The recording ends, since the hub closes or the room leaves memory. */
  | { readonly type: 'stopped' }

/** Where a record is. */
export interface ScorePlace {
  /** The number of the record: 1, 2, 3, … in its room. */
  readonly position: number
  /** When it happened: RFC 3339 in UTC with milliseconds, never earlier than the record before. */
  readonly at: string
  /** The newest seq of the room at that moment. */
  readonly head: Seq
}

/** One record of a score. Its position alone gives the order, also between records and messages. */
export type ScoreRecord = ScorePlace & ScoreEvent
