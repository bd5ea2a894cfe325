import type { Status } from '../draft/decide.ts'
import type { Durability } from '../ports/transport.ts'
import type { Floor, Message, Seq, SeqRange } from '../room/message.ts'

/** What every answer brings besides: the messages that arrived meanwhile. */
export interface AnswerBase {
  /** 1 done, 2 partly done, 0 well-formed but nothing done. */
  readonly status: Status
  /** Unseen messages of others, oldest first, each given once. */
  readonly messages: readonly Message[]
  /** The seq up to which everything was given. */
  readonly cursor: Seq
  /** There is more: call again. */
  readonly more?: true
  /** These seqs are gone for good. */
  readonly missed?: SeqRange
  /** The room was started anew since the last answer: its seqs began again, the draft was kept. */
  readonly rejoined?: true
}

export interface AppendAnswer extends AnswerBase {
  /** The end of the draft, at most 80 code points. */
  readonly suffix: string
  /** Code points kept. */
  readonly accepted: number
  /** Code points left out: append them again. */
  readonly dropped: number
}

/** Of undo and reset. */
export interface DraftAnswer extends AnswerBase {
  readonly suffix: string
}

export interface PreviewAnswer extends AnswerBase {
  /** The whole draft: exactly what a push would send. */
  readonly draft: string
  /** Its code points. */
  readonly length: number
  readonly segments: readonly { readonly length: number; readonly base: Seq }[]
  readonly suffix: string
}

export interface CheckAnswer extends AnswerBase {
  /** One's own floor, while one has it. */
  readonly floor?: Floor
}

/** The message is in the room. */
export interface SentAnswer extends AnswerBase {
  readonly held?: undefined
  readonly message_id: string
  readonly timestamp: string
  readonly seq: Seq
  readonly durability: Durability
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
}

/** Nothing was sent; the draft is as it was, and what stood before it comes along. */
export interface HeldAnswer extends AnswerBase {
  readonly held: true
  readonly suffix: string
  readonly segments: number
  /** Somebody's floor that was waited for in vain, or one's own. */
  readonly floor?: Floor
}

export type PushAnswer = SentAnswer | HeldAnswer

export type Answer = AppendAnswer | DraftAnswer | PreviewAnswer | CheckAnswer | PushAnswer
