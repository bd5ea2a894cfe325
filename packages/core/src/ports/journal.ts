import type { Fact } from '../participant/facts.ts'

/**
 * Stores the facts of one participant, so that it continues mid-sentence after its process was killed.
 *
 * **Calls.** One participant owns a journal at a time. `join` calls `read` first; a later `join` may call it again.
 * Then come `append` and `replace`, and `close` when the participant leaves. Calls take effect in call order, also
 * when the caller does not await them. The arrays belong to the caller and are not changed after the call.
 *
 * **Guarantees.** A fact whose `append` resolved survives what `durability` names. A journal never changes, reorders or
 * drops a fact, except a partly written last record, which was never acknowledged.
 *
 * **Failure.** The promise rejects with a `MidsentenceError`. The participant then ends and appends nothing more.
 */
export interface Journal {
  /** What an acknowledged fact survives: nothing (`memory`), the end of the process, or a power cut (`flushed`). */
  readonly durability: 'memory' | 'process' | 'flushed'
  /** Returns all facts, oldest first. A new journal has none. */
  read(): Promise<readonly Fact[]>
  /** Appends facts, all or none. */
  append(facts: readonly Fact[]): Promise<void>
  /** Replaces the whole content by `facts`, atomically: after a crash the journal is the old or the new one. */
  replace(facts: readonly Fact[]): Promise<void>
  /**
   * Writes out pending facts and releases resources. Idempotent. Later calls fail; a journal in memory accepts calls
   * again after its next `read`.
   */
  close(): Promise<void>
}
