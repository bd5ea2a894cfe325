import type { Status } from '../draft/decide.ts'
import type { Durability } from '../ports/transport.ts'
import type { Floor, Message, Seq, SeqRange } from '../room/message.ts'

/** The members of every answer: its status and the messages that arrived since the last one. */
export interface AnswerBase {
  /** 1 done, 2 partly done, 0 valid but nothing done. */
  readonly status: Status
  /** Unseen messages of others, oldest first; each is given once. */
  readonly messages: readonly Message[]
  /** The seq up to which everything was given. */
  readonly cursor: Seq
  /** There are more messages: call again. */
  readonly more?: true
  /** These seqs are gone for good. */
  readonly missed?: SeqRange
  /** The server lost the session and created another one: seqs start again, the draft was kept. */
  readonly rejoined?: true
}

export interface AppendAnswer extends AnswerBase {
  /** The end of the draft, at most 80 code points. */
  readonly suffix: string
  /** Code points kept. */
  readonly accepted: number
  /** Code points left out; append them again. */
  readonly dropped: number
}

/** Answer to undo and reset. */
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
  /** The participant's own floor, while it has one. */
  readonly floor?: Floor
}

/** Answer to a push whose message is in the room. */
export interface SentAnswer extends AnswerBase {
  readonly held?: undefined
  readonly message_id: string
  readonly timestamp: string
  readonly seq: Seq
  readonly durability: Durability
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
}

/**
 * Answer to a held push: nothing was sent and the draft is unchanged. `messages` brings what its author had not seen.
 */
export interface HeldAnswer extends AnswerBase {
  readonly held: true
  readonly suffix: string
  readonly segments: number
  /** The floor that the push waited for until its time-out, or the participant's own. */
  readonly floor?: Floor
}

export type PushAnswer = SentAnswer | HeldAnswer

export type ActionAnswer = AppendAnswer | DraftAnswer | PreviewAnswer | CheckAnswer | PushAnswer
