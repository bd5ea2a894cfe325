import { MidsentenceError } from '../errors.ts'
import { compact, type ParticipantState } from '../participant/evolve.ts'
import type { Fact } from '../participant/facts.ts'
import type { Journal } from '../ports/journal.ts'

/** A journal is rewritten once it holds so many more facts than its state needs. */
const SLACK = 1000

/**
 * Writes a participant's facts to its journal, in order, and knows when they are kept. The first failure is the last
 * word: nothing is written after it, and everything that waits fails with it.
 */
export class JournalWriter {
  readonly #journal: Journal | undefined
  readonly #failed: (error: MidsentenceError) => void
  #facts: Fact[] = []
  #written: number
  #kept: Promise<void> | undefined
  #error: MidsentenceError | undefined

  constructor(journal: Journal | undefined, already: number, failed: (error: MidsentenceError) => void) {
    this.#journal = journal
    this.#written = already
    this.#failed = failed
  }

  add(fact: Fact): void {
    if (this.#journal) this.#facts.push(fact)
  }

  /** Resolves when all that was added is kept; undefined where there is nothing to wait for. */
  flush(state: () => ParticipantState): Promise<void> | undefined {
    if (!this.#journal || this.#facts.length === 0) return this.#kept
    if (this.#error) return this.#kept
    const facts = this.#facts
    this.#facts = []
    this.#written += facts.length
    const kept = this.#journal.append(facts)
    const last: Promise<void> = kept.then(
      () => {
        if (this.#kept === last) this.#kept = undefined
      },
      cause => {
        throw this.#fail(cause)
      },
    )
    last.catch(() => {})
    this.#kept = last
    if (this.#written > SLACK) this.#compact(state())
    return last
  }

  /** Writes out what was added and lets the journal go. Never fails. */
  async close(state: () => ParticipantState): Promise<void> {
    await this.flush(state)?.catch(() => {})
    await this.#journal?.close().catch(() => {})
  }

  #compact(state: ParticipantState): void {
    const facts = compact(state)
    if (!facts || this.#written < 2 * facts.length + SLACK) return
    this.#written = facts.length
    this.#journal!.replace(facts).catch(cause => this.#fail(cause))
  }

  #fail(cause: unknown): MidsentenceError {
    if (!this.#error) {
      this.#error = new MidsentenceError(
        'internal',
        'The journal could not be written, so nothing more is accepted: mend it and start again. What was answered before is kept.',
        { cause },
      )
      this.#failed(this.#error)
    }
    return this.#error
  }
}
