import type { DraftEvent } from '../draft/events.ts'
import type { ErrorCode, ErrorData } from '../errors.ts'
import type { Seq, SeqRange } from '../room/message.ts'

/** How many answers are remembered per session, the newest. */
export const ANSWERS_KEPT = 1000

/** What a call answered, besides messages and cursor. */
export type CallOutcome =
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly error: { readonly code: ErrorCode; readonly message: string; readonly data: ErrorData } }

/** A call that may be repeated under its key. The messages of its answer are read from the room log again. */
export interface IdempotencyRecord {
  readonly key: string
  /** Hashes of the request: the same key with another request is refused. */
  readonly requestHashes: readonly string[]
  readonly outcome: CallOutcome
  /** The answer gave the messages of others with a seq above `from`, up to `to`. */
  readonly from: Seq
  readonly to: Seq
  readonly more?: true
  readonly missed?: SeqRange
  /** The new name that the answer told. */
  readonly renamed?: string
}

/** A session as its log has it. It cannot be used to join: it has only hashes, as `sha256:` and the digest in hex. */
export interface PersistedSession {
  readonly session_id: string
  /** Hash of the proof in its token. */
  readonly proof: string
  readonly room: string
  readonly sender_id: string
  /** The name it joined under, where another participant took that name while the session was away. */
  readonly joined_as?: string
  /** Others may take its name and its place. */
  readonly lapsed?: true
  /** When it was last active before it lapsed, in milliseconds since 1970. */
  readonly used_at?: number
  /** Id of the room log. The session ends with that log. */
  readonly log: string
  /** When access ends, in milliseconds since 1970. */
  readonly until?: number
  readonly person?: true
  /** Others do not see when it writes. */
  readonly typing_indicator?: false
  /** The newest message at its join, where its reading began earlier. Messages up to it hold no push. */
  readonly head?: Seq
}

/** Everything that can happen to a session, as plain JSON. Its state is the fold of these. */
export type SessionFact =
  | {
      readonly type: 'opened'
      readonly session: PersistedSession
      /** Where reading began: nothing up to this seq is shown. */
      readonly cursor: Seq
    }
  /** A call had its effect, on the draft of push number `push`, on the cursor, and on the remembered answers. */
  | {
      readonly type: 'acted'
      readonly push: number
      readonly drafted?: DraftEvent
      readonly given?: Seq
      readonly kept?: IdempotencyRecord
    }
  /**
   * Push number `push` was sent and moved the cursor to `through`. Derived from the room log, never written to the session
   * log.
   */
  | { readonly type: 'sent'; readonly push: number; readonly through: Seq; readonly kept?: IdempotencyRecord }
  /** The whole state: replaces all earlier facts of the session. */
  | {
      readonly type: 'snapshot'
      readonly session: PersistedSession
      readonly opened: Seq
      /** The number of the push that `draft` is for. */
      readonly push: number
      readonly draft: readonly DraftEvent[]
      readonly given: Seq
      /** Remembered answers, oldest first, without those that follow from the room log. */
      readonly kept: readonly IdempotencyRecord[]
    }
  /** Others may take its name and its place. */
  | { readonly type: 'lapsed'; readonly used_at: number }
  /** It took a place again, as `sender_id`. */
  | { readonly type: 'returned'; readonly sender_id: string }
  | { readonly type: 'closed' }
