import type { AnswerBase, ErrorCode, ErrorData, Floor, Message, RoomSettings, Seq } from '@midsentence/core'

/**
 * What the callers of one room saw, and the room's log where that is known. Plain JSON. All moments are milliseconds on
 * one monotonic clock; of two that are equal neither came first.
 */
export interface History {
  /** The room's numbers, where they are not the defaults. */
  readonly settings?: Partial<RoomSettings>
  readonly witnesses: readonly Witness[]
  /**
   * The room's log at the end, oldest first. It may begin later than at 1. Without it, all that anybody was given or
   * told stands for it; then each name should be one session's alone.
   */
  readonly log?: readonly Entry[]
  /** Sessions that spoke out of turn, as a client does that knows no hold; for an entry without session, its sender. */
  readonly free?: readonly string[]
  /** When the place that judges was started anew: rows, floors and rests may be lost then. */
  readonly restarts?: readonly number[]
}

/** One session, and everything it called. */
export interface Witness {
  readonly session: string
  readonly name: string
  /** Where its reading began: the cursor that its join answered. */
  readonly cursor: Seq
  readonly calls: readonly Call[]
}

export type Action = 'append' | 'undo' | 'reset' | 'preview' | 'push' | 'publish' | 'check' | 'yield' | 'leave'

/** One call. With neither `answer` nor `error` its end is not known: lost, given up, or a notification. */
export interface Call {
  readonly action: Action
  /** When it was called. */
  readonly from: number
  /** When its end came. */
  readonly to?: number
  readonly key?: string
  /** The cursor that its caller said it had: `after`, or the `base` of a publish. */
  readonly after?: Seq
  /** Of a push or publish: what it was to send, where its caller knows. */
  readonly content?: string
  readonly answer?: Told
  readonly error?: { readonly code: ErrorCode; readonly data?: ErrorData }
}

/** The result of an action, as the protocol has it; of what it may hold, this is looked at. */
export interface Told extends AnswerBase {
  readonly held?: true | undefined
  readonly seq?: Seq
  readonly message_id?: string
  readonly timestamp?: string
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
  readonly floor?: Floor
}

/** A message in the log. Without `session` it belongs to the one witness of its name. */
export interface Entry extends Message {
  readonly session?: string
}
