import type { Status } from '../draft/decide.ts'
import type { Durability } from '../ports/transport.ts'
import type { Floor, Message, Missed, Seq } from '../room/message.ts'

/** What every answer brings besides: the messages that arrived meanwhile. */
export interface News {
  /** 1 done, 2 partly done, 0 well-formed but nothing done. */
  readonly status: Status
  /** Unseen messages of others, oldest first, each given once. */
  readonly messages: readonly Message[]
  /** The seq up to which everything was given. */
  readonly cursor: Seq
  /** There is more: call again. */
  readonly more?: true
  /** These seqs are gone for good. */
  readonly missed?: Missed
  /** The room was started anew since the last answer: its seqs began again, the draft was kept. */
  readonly rejoined?: true
}

export interface AppendAnswer extends News {
  /** The end of the draft, at most 80 code points. */
  readonly suffix: string
  /** Code points kept. */
  readonly accepted: number
  /** Code points left out: append them again. */
  readonly dropped: number
}

/** Of undo and reset. */
export interface DraftAnswer extends News {
  readonly suffix: string
}

export interface PreviewAnswer extends News {
  /** The whole draft: exactly what a push would send. */
  readonly draft: string
  /** Its code points. */
  readonly length: number
  readonly segments: readonly { readonly length: number; readonly base: Seq }[]
  readonly suffix: string
}

export interface CheckAnswer extends News {
  /** One's own floor, while one has it. */
  readonly floor?: Floor
}

/** The message is in the room. */
export interface SentAnswer extends News {
  readonly held?: undefined
  readonly message_id: string
  readonly timestamp: string
  readonly seq: Seq
  readonly durability: Durability
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
}

/** Nothing was sent; the draft is as it was, and what stood before it comes along. */
export interface HeldAnswer extends News {
  readonly held: true
  readonly suffix: string
  readonly segments: number
  /** Somebody's floor that was waited for in vain, or one's own. */
  readonly floor?: Floor
}

export type PushAnswer = SentAnswer | HeldAnswer

export type Answer = AppendAnswer | DraftAnswer | PreviewAnswer | CheckAnswer | PushAnswer
