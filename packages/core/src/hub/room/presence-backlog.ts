import type { PresenceChange } from '../requests.ts'

/**
 * Changes of presence for a reader that takes nothing at the moment: the last one of each name. A name that came and went
 * meanwhile is not kept, so there are at most as many as the reader knows names, and as there are participants.
 */
export class PresenceBacklog {
  #changes = new Map<string, PresenceChange>()
  /** Names that came while the reader took nothing: it does not know them. */
  readonly #new = new Set<string>()

  get size(): number {
    return this.#changes.size
  }

  /** Adds changes of who is here. */
  presence(changes: ReadonlyMap<string, PresenceChange>): void {
    for (const [name, change] of changes) {
      if (change.present && !this.#changes.has(name)) this.#new.add(name)
      if (!change.present && this.#new.delete(name)) this.#changes.delete(name)
      else this.#changes.set(name, change)
    }
  }

  /** Adds changes of who writes. */
  writing(changes: ReadonlyMap<string, PresenceChange>): void {
    for (const [name, change] of changes) this.#changes.set(name, change)
  }

  /** Returns the changes, and begins again. */
  take(): ReadonlyMap<string, PresenceChange> {
    const changes = this.#changes
    this.#changes = new Map()
    this.#new.clear()
    return changes
  }
}
