import type { DraftEvent } from '../draft/events.ts'

/** What happened to a draft, after which there have been `rev` facts since it was told from the beginning. */
export interface Shown {
  readonly facts: readonly DraftEvent[]
  readonly rev: number
}

/** Tells what happens to a draft, one telling after the other, so that none overtakes another; what waits is joined. */
export class DraftShow {
  readonly #tell: (shown: Shown) => Promise<void>
  #waiting: Shown | undefined
  #busy = false

  /** `tell` must not fail: what it could not tell is gone until the whole draft is shown again. */
  constructor(tell: (shown: Shown) => Promise<void>) {
    this.#tell = tell
  }

  show(shown: Shown): void {
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
function joined(before: Shown, { facts, rev }: Shown): Shown {
  const goesOn = rev > facts.length && rev - facts.length === before.rev
  return goesOn ? { facts: [...before.facts, ...facts], rev } : { facts, rev }
}
