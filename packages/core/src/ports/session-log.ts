import type { SessionFact } from '../session/facts.ts'

/** One change of one session, complete in itself. */
export interface SessionRecord {
  readonly session_id: string
  readonly fact: SessionFact
}

/**
 * Where a hub keeps its sessions: drafts, cursors, remembered answers. One hub writes at a time. It calls `read` once,
 * before anything else; then `append`, whose calls take effect in the order they were made, also when nobody awaits the
 * one before. What a resolved `append` holds is as durable as `durability` says. Messages are not in here: a push is one
 * record in the room log, and what follows from it for its session is derived from there.
 * What is behind a session may be forgotten: all of one that was `closed`, and of any other what was written for it
 * before its newest `stands`. Failure goes to the promise, as a `MidsentenceError`; the hub then acknowledges nothing
 * more.
 */
export interface SessionLog {
  readonly durability: 'memory' | 'flushed'
  /** Everything that is kept, oldest first. */
  read(): AsyncIterable<SessionRecord>
  /** Adds records to the end, all or none of them. */
  append(records: readonly SessionRecord[]): Promise<void>
  /** Idempotent. Calls after it fail with `unavailable`. */
  close(): Promise<void>
}
