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
}

/** A session as its log has it. It cannot be used to join: it has only hashes, as `sha256:` and the digest in hex. */
export interface PersistedSession {
  readonly session_id: string
  /** Hash of the token. */
  readonly token: string
  readonly room: string
  readonly sender_id: string
  /** Id of the room log. The session ends with that log. */
  readonly log: string
  /** The token, encrypted with the secret. Absent without a secret. */
  readonly sealed?: string
  /** When access ends, in milliseconds since 1970. */
  readonly until?: number
  readonly person?: true
}

/** Everything that can happen to a session, as plain JSON. Its state is the fold of these. */
export type SessionFact =
  | {
      readonly type: 'opened'
      readonly session: PersistedSession
      /** Where reading began: nothing up to this seq is shown. */
      readonly cursor: Seq
      /** Hash of the secret. */
      readonly secret?: string
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
      /** Hash of the secret. */
      readonly secret?: string
      /** The number of the push that `draft` is for. */
      readonly push: number
      readonly draft: readonly DraftEvent[]
      readonly given: Seq
      /** Remembered answers, oldest first, without those that follow from the room log. */
      readonly kept: readonly IdempotencyRecord[]
    }
  | { readonly type: 'closed' }
