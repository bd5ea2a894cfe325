import type { GroupKey } from './groups.ts'

/** Where a group ends: the state after it, and the stream sequence of its last part. */
export interface KnownGroup extends Readonly<Record<GroupKey, number>> {
  readonly sequence: number
}

/** Most known groups. Above it, every second one is forgotten. */
const MOST = 256

/** Known ends of groups of one subject: they shorten searches. */
export class SequenceIndex {
  #known: KnownGroup[] = []

  add(group: KnownGroup): void {
    const at = this.#known.findLastIndex(({ sequence }) => sequence < group.sequence) + 1
    if (this.#known[at]?.sequence === group.sequence) return
    this.#known.splice(at, 0, group)
    if (this.#known.length > MOST) this.#known = this.#known.filter((_, nth) => nth % 2 === 1)
  }

  /** Returns the nearest known ends of groups before and at the first group whose `key` is above `value`. */
  near(key: GroupKey, value: number): { readonly low: KnownGroup | undefined; readonly high: KnownGroup | undefined } {
    return {
      low: this.#known.findLast(group => group[key] <= value),
      high: this.#known.find(group => group[key] > value),
    }
  }

  /** Forgets the groups that end before a stream sequence. */
  removeBefore(sequence: number): void {
    this.#known = this.#known.filter(group => group.sequence >= sequence)
  }

  clear(): void {
    this.#known = []
  }
}
