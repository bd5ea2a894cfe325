import type { DraftEvent } from '../draft/events.ts'

/** Draft events, and how many there were since the draft was last sent whole, these included. */
export interface DraftUpdate {
  readonly facts: readonly DraftEvent[]
  readonly rev: number
}

/** Sends draft updates one at a time, so that they keep their order; waiting updates are merged. */
export class DraftBroadcaster {
  readonly #send: (update: DraftUpdate) => Promise<void>
  #waiting: DraftUpdate | undefined
  #sending: Promise<void> | undefined

  /** `send` must not fail: lost updates are corrected when the whole draft is sent next. */
  constructor(send: (update: DraftUpdate) => Promise<void>) {
    this.#send = send
  }

  add(update: DraftUpdate): void {
    this.#waiting = this.#waiting ? merged(this.#waiting, update) : update
    this.#sending ??= this.#run()
  }

  /** Resolves once all updates are sent. Undefined: none waits. */
  get sending(): Promise<void> | undefined {
    return this.#sending
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting; next; next = this.#waiting) {
      this.#waiting = undefined
      await this.#send(next)
    }
    this.#sending = undefined
  }
}

/** Merges two updates if the second continues the first. An update with the whole draft replaces the first. */
function merged(before: DraftUpdate, { facts, rev }: DraftUpdate): DraftUpdate {
  const continues = rev > facts.length && rev - facts.length === before.rev
  return continues ? { facts: [...before.facts, ...facts], rev } : { facts, rev }
}
