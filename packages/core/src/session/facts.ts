import type { DraftEvent } from '../draft/events.ts'
import type { ErrorCode, ErrorData } from '../errors.ts'
import type { Seq, SeqRange } from '../room/message.ts'
import type { SessionIdentity } from '../room/session-identity.ts'

/** What a call led to, besides messages: all that a repeated call must be told again. */
export type CallOutcome =
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly error: { readonly code: ErrorCode; readonly message: string; readonly data: ErrorData } }

/** A call that may be repeated under its key. The messages of its answer are read again from the log. */
export interface IdempotencyRecord {
  readonly key: string
  /** What it asked for, so that the same key is not used for anything else. */
  readonly requestHashes: readonly string[]
  readonly outcome: CallOutcome
  /** Its answer gave the messages of others with a seq above `from`, up to `to`. */
  readonly from: Seq
  readonly to: Seq
  readonly more?: true
  readonly missed?: SeqRange
}

/**
 * A session as it is kept. Whoever reads it cannot go in by it: `token` is the proof of the token (`sha256:` and the
 * digest in hex), as `secret` is of the secret. In logs of before both are what they stand for.
 */
export interface PersistedSession extends SessionIdentity {
  /** The token, as only the secret opens it. Absent without a secret. */
  readonly sealed?: string
  /** When its leave to be here ends, in milliseconds since 1970. */
  readonly until?: number
  readonly person?: true
}

/** Everything that can happen to a session: plain JSON, in order. Its state is the fold of these. */
export type SessionFact =
  | {
      readonly type: 'opened'
      readonly session: PersistedSession
      /** Where its reading began: nothing below is ever shown to it. */
      readonly cursor: Seq
      /** The proof of what the same name is reached again with. */
      readonly secret?: string
    }
  /** A call had its effect, all of it at once: on the draft of push number `push`, on the cursor, on what is remembered. */
  | {
      readonly type: 'acted'
      readonly push: number
      readonly drafted?: DraftEvent
      readonly given?: Seq
      readonly kept?: IdempotencyRecord
    }
  /**
   * Its push number `push` went out, which moved the cursor to `through`: over its own message where it crossed nothing.
   * Derived from the room's log, never written to the session's.
   */
  | { readonly type: 'sent'; readonly push: number; readonly through: Seq; readonly kept?: IdempotencyRecord }
  /** All that it came to so far: nothing that was written for it before is needed any more. */
  | {
      readonly type: 'stands'
      readonly session: PersistedSession
      readonly opened: Seq
      readonly secret?: string
      /** The push that `draft` is for. */
      readonly push: number
      readonly draft: readonly DraftEvent[]
      readonly given: Seq
      /** What is remembered, oldest first, but for what follows from the room's log. */
      readonly kept: readonly IdempotencyRecord[]
    }
  | { readonly type: 'closed' }
