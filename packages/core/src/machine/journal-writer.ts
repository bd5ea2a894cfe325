import { MidsentenceError } from '../errors.ts'
import { compact, type ParticipantState } from '../participant/evolve.ts'
import type { Fact } from '../participant/facts.ts'
import type { Journal } from '../ports/journal.ts'

/** A journal is compacted once it holds this many facts more than its state needs. */
const SLACK = 1000

/**
 * Writes the facts of a participant to its journal, in order. After the first failure it writes nothing more, and every
 * wait for a write rejects.
 */
export class JournalWriter {
  readonly #journal: Journal | undefined
  readonly #failed: (error: MidsentenceError) => void
  #facts: Fact[] = []
  #written: number
  #pending: Promise<void> | undefined
  #error: MidsentenceError | undefined

  constructor(journal: Journal | undefined, storedFacts: number, failed: (error: MidsentenceError) => void) {
    this.#journal = journal
    this.#written = storedFacts
    this.#failed = failed
  }

  add(fact: Fact): void {
    if (this.#journal) this.#facts.push(fact)
  }

  /** Writes the added facts. Resolves when all are stored; undefined if there is nothing to wait for. */
  flush(state: () => ParticipantState): Promise<void> | undefined {
    if (!this.#journal || this.#facts.length === 0) return this.#pending
    if (this.#error) return this.#pending
    const facts = this.#facts
    this.#facts = []
    this.#written += facts.length
    const appended = this.#journal.append(facts)
    const last: Promise<void> = appended.then(
      () => {
        if (this.#pending === last) this.#pending = undefined
      },
      cause => {
        throw this.#fail(cause)
      },
    )
    last.catch(() => {})
    this.#pending = last
    if (this.#written > SLACK) this.#compact(state())
    return last
  }

  /** Writes the added facts and closes the journal. Never fails. */
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
        'The journal could not be written, so no more actions are accepted. Earlier answers are stored.',
        { cause, remedy: 'check its file and start again' },
      )
      this.#failed(this.#error)
    }
    return this.#error
  }
}
