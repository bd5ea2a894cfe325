import type { DraftEvent } from '../draft/events.ts'

/** What happened to a draft, after which there have been `rev` facts since it was told from the beginning. */
export interface DraftUpdate {
  readonly facts: readonly DraftEvent[]
  readonly rev: number
}

/** Tells what happens to a draft, one telling after the other, so that none overtakes another; what waits is joined. */
export class DraftBroadcaster {
  readonly #tell: (shown: DraftUpdate) => Promise<void>
  #waiting: DraftUpdate | undefined
  #busy = false

  /** `tell` must not fail: what it could not tell is gone until the whole draft is shown again. */
  constructor(tell: (shown: DraftUpdate) => Promise<void>) {
    this.#tell = tell
  }

  show(shown: DraftUpdate): void {
    this.#waiting = this.#waiting ? joined(this.#waiting, shown) : shown
    if (!this.#busy) void this.#run()
  }

  async #run(): Promise<void> {
    this.#busy = true
    for (let next = this.#waiting; next; next = this.#waiting) {
      this.#waiting = undefined
      await this.#tell(next)
    }
    this.#busy = false
  }
}

/** What goes on where the other ended is told together with it; what tells the whole draft again stands alone. */
function joined(before: DraftUpdate, { facts, rev }: DraftUpdate): DraftUpdate {
  const goesOn = rev > facts.length && rev - facts.length === before.rev
  return goesOn ? { facts: [...before.facts, ...facts], rev } : { facts, rev }
}
