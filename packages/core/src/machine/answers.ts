import type { Status } from '../draft/decide.ts'
import type { Durability } from '../ports/transport.ts'
import type { Floor, Message, Seq, SeqRange } from '../room/message.ts'

/** The members of every answer: its status and the messages that arrived since the last one. */
export interface AnswerBase<S extends Status = Status> {
  /** 1 done, 2 partly done, 0 valid but nothing done. */
  readonly status: S
  /** Unseen messages of others, oldest first; each is given once. After `rejoined: 'room'`, those of the old room have seq 0. */
  readonly messages: readonly Message[]
  /** The seq up to which everything was given. */
  readonly cursor: Seq
  /** How many of `messages`, from the first, were said before the join. They count as read. Absent: none. */
  readonly history?: number
  /** There are more messages: call again. */
  readonly more?: true
  /** These seqs are gone for good. */
  readonly missed?: SeqRange
  /**
   * The server did not know the session any more, so that the participant joined again; the draft was kept. `session`: the
   * same room goes on, and `missed` names what was not received. `room`: the room is another one, and its seqs start again.
   */
  readonly rejoined?: 'session' | 'room'
  /** The participant's new name: another one took its name while it was away. */
  readonly renamed?: string
  /** Observers of this room see the draft while it is written. The text clients set it on their first answer. */
  readonly observable?: true
  /** What they see is kept for a while. Set with `observable`. */
  readonly recorded?: true
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
export interface DraftAnswer extends AnswerBase<0 | 1> {
  readonly suffix: string
}

export interface PreviewAnswer extends AnswerBase<1> {
  /** The whole draft: exactly what a push would send. */
  readonly draft: string
  /** Its code points. */
  readonly length: number
  readonly segments: readonly { readonly length: number; readonly base: Seq }[]
  readonly suffix: string
}

export interface CheckAnswer extends AnswerBase<0 | 1> {
  /** The participant's own floor, while it has one. */
  readonly floor?: Floor
}

/** Answer to a push whose message is in the room. */
export interface SentAnswer extends AnswerBase<1> {
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
export interface HeldAnswer extends AnswerBase<0> {
  readonly held: true
  readonly suffix: string
  readonly segments: number
  /** The floor that the push waited for until its time-out, or the participant's own. */
  readonly floor?: Floor
}

/** `status` tells them apart: 1 sent, 0 held. So does `held`. */
export type PushAnswer = SentAnswer | HeldAnswer

export type ActionAnswer = AppendAnswer | DraftAnswer | PreviewAnswer | CheckAnswer | PushAnswer
