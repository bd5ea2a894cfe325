import type { Fact } from '../participant/facts.ts'

/**
 * Where one participant keeps its facts, so that it goes on mid-sentence after its process was killed.
 *
 * One participant owns a journal at a time and calls `read` before anything else (again where a join is tried again);
 * then `append` and `replace`, and `close` when it leaves. Their calls take effect in the order they were made, also when nobody awaits the one before.
 * What a resolved `append` holds survives whatever the journal's `durability` names. A journal never changes, reorders
 * or drops a fact. It may drop a last record that was only partly written, since that was never acknowledged.
 * Failure goes to the promise of the call, as a `MidsentenceError`; the participant then stops, says so, and appends no
 * more. The arrays are the caller's and are not changed after the call.
 */
export interface Journal {
  /** What an acknowledged fact survives: nothing, the end of the process, or a power cut. */
  readonly durability: 'memory' | 'process' | 'flushed'
  /** All facts, oldest first; none from a new journal. */
  read(): Promise<readonly Fact[]>
  /** Adds facts to the end, all or none of them. */
  append(facts: readonly Fact[]): Promise<void>
  /** Puts `facts` in place of everything, at once: after a crash the journal is the old or the new one. */
  replace(facts: readonly Fact[]): Promise<void>
  /**
   * Writes out what was appended and lets go of resources. Idempotent; calls after it fail, but that a journal in memory
   * may be read by its next owner and then goes on.
   */
  close(): Promise<void>
}
