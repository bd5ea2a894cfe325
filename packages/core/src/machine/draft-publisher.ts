import type { DraftEvent } from '../draft/events.ts'
import { eventsOf } from '../draft/evolve.ts'
import type { Fact } from '../participant/facts.ts'
import type { Transport } from '../ports/transport.ts'
import type { MachineContext } from './context.ts'

/**
 * Sends draft events to the observers of an observable room: each event once, the whole draft after a lost connection. In
 * other rooms it sends nothing.
 */
export class DraftPublisher {
  readonly #transport: Transport
  readonly #context: () => MachineContext
  #events: DraftEvent[] = []
  #rev = 0
  #whole = true
  #scheduled = false

  constructor(transport: Transport, context: () => MachineContext) {
    this.#transport = transport
    this.#context = context
  }

  add(fact: Fact): void {
    if (!this.#context().observable) return
    if (fact.type !== 'appended' && fact.type !== 'undone' && fact.type !== 'reset' && fact.type !== 'pushed') return
    this.#events.push(fact)
    this.#schedule()
  }

  /** Sends the whole draft again, since earlier events may be lost. */
  resendWhole(): void {
    if (!this.#context().observable) return
    this.#whole = true
    this.#schedule()
  }

  /** Sends the events of one turn together, after it. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      const events = this.#whole ? eventsOf(this.#context().state.draft) : this.#events
      this.#rev = this.#whole ? events.length : this.#rev + events.length
      this.#whole = false
      this.#events = []
      this.#transport.showDraft?.(events, this.#rev)
    })
  }
}
