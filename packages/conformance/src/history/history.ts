import type { AnswerBase, ErrorCode, ErrorData, Floor, Message, RoomSettings, Seq } from '@midsentence/core'

/**
 * Records what the callers of one room saw, and the room's log if it is known. Plain JSON. Times are in milliseconds on
 * one monotonic clock. Two equal times have no order.
 */
export interface RecordedHistory {
  /** The settings of the room that differ from the defaults. */
  readonly settings?: Partial<RoomSettings>
  readonly callers: readonly CallerTrace[]
  /**
   * The room's log at the end, oldest first. It may begin above seq 1. Without it the checks use the messages that
   * answers contain; then each name should belong to one session.
   */
  readonly log?: readonly LogEntry[]
  /** Sessions that ignore holds, as legacy clients do. For a log entry without a session: its sender. */
  readonly ignoringHolds?: readonly string[]
  /** When the server restarted: hold counts, floors and rests may be lost then. */
  readonly restarts?: readonly number[]
}

/** One session and all its calls. For a local draft: one participant in all its sessions. */
export interface CallerTrace {
  readonly session: string
  /** The name that it joined under. */
  readonly name: string
  /** The sessions that replaced the first one, and when, for a participant whose server lost its session. */
  readonly replaced?: readonly SessionReplacement[]
  /** Whether others could take its name while it was away: it may have a numbered name, and others its own. */
  readonly shared?: true
  /** Its answers come from the server of the room, so that none may be older than its call. Absent: from a stream, perhaps. */
  readonly direct?: true
  /** The cursor that its join returned. */
  readonly cursor: Seq
  readonly calls: readonly RecordedCall[]
}

/** A session that replaced the one before it, in the same log. */
export interface SessionReplacement {
  readonly session: string
  /** The cursor that its join returned. */
  readonly cursor: Seq
  readonly at: number
}

export type CallAction = 'append' | 'undo' | 'reset' | 'preview' | 'push' | 'publish' | 'check' | 'yield' | 'leave'

/** One call. Without `answer` and `error` its outcome is unknown: lost, abandoned, or a notification. */
export interface RecordedCall {
  readonly action: CallAction
  /** When it was called. */
  readonly from: number
  /** When its answer or error arrived. */
  readonly to?: number
  readonly key?: string
  /** The cursor that its caller sent: `after`, or the `base` of a publish. */
  readonly after?: Seq
  /** Of a push or publish: the text to send, if its caller knows it. */
  readonly content?: string
  readonly answer?: RecordedAnswer
  readonly error?: { readonly code: ErrorCode; readonly data?: ErrorData }
}

/** The result of an action: the members that the checks use. */
export interface RecordedAnswer extends AnswerBase {
  readonly held?: true | undefined
  readonly seq?: Seq
  readonly message_id?: string
  readonly timestamp?: string
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
  readonly floor?: Floor
}

/** A message in the log. Without `session` it belongs to the one caller of that name. */
export interface LogEntry extends Message {
  readonly session?: string
}
