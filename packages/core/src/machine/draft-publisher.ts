import type { DraftEvent } from '../draft/events.ts'
import { type Draft, eventsOf } from '../draft/evolve.ts'
import type { Fact } from '../participant/facts.ts'
import type { Transport } from '../ports/transport.ts'

/** Tells the observers of an observable room what happens to a draft: each change once, the whole again after a cut. */
export class DraftPublisher {
  readonly #transport: Transport
  readonly #draft: () => Draft
  #facts: DraftEvent[] = []
  #rev = 0
  #whole = true
  #told = true

  constructor(transport: Transport, draft: () => Draft) {
    this.#transport = transport
    this.#draft = draft
  }

  add(fact: Fact): void {
    if (fact.type !== 'appended' && fact.type !== 'undone' && fact.type !== 'reset' && fact.type !== 'pushed') return
    this.#facts.push(fact)
    this.#tell()
  }

  /** What was told before may be lost. */
  resendWhole(): void {
    this.#whole = true
    this.#tell()
  }

  /** What happens in one turn is told together, behind it. */
  #tell(): void {
    if (!this.#told) return
    this.#told = false
    queueMicrotask(() => {
      this.#told = true
      const facts = this.#whole ? eventsOf(this.#draft()) : this.#facts
      this.#rev = this.#whole ? facts.length : this.#rev + facts.length
      this.#whole = false
      this.#facts = []
      this.#transport.showDraft?.(facts, this.#rev)
    })
  }
}
