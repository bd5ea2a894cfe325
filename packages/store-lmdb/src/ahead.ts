import type { Change } from './environment.ts'

interface Newest {
  readonly number: number
  readonly change: Change
}

/** Changes that are on the disk and not in LMDB yet, the newest of each key: whoever reads sees them first. */
export class Ahead {
  /** By the key’s bytes, a letter each: letters are in the order of the bytes. */
  readonly #newest = new Map<string, Newest>()
  #bytes = 0

  /** How many bytes their values have. */
  get bytes(): number {
    return this.#bytes
  }

  /** Frame `number` brought these. */
  add(number: number, changes: readonly Change[]): void {
    for (const change of changes) {
      const name = nameOf(change.key)
      this.#drop(name)
      this.#newest.set(name, { number, change })
      this.#bytes += change.sealed?.length ?? 0
    }
  }

  get(key: Buffer): Change | undefined {
    return this.#newest.size === 0 ? undefined : this.#newest.get(nameOf(key))?.change
  }

  /** Those from `from` on and below `to`, in the order of their keys. */
  within(from: Buffer, to: Buffer): Change[] {
    if (this.#newest.size === 0) return []
    const [first, end] = [nameOf(from), nameOf(to)]
    const names = [...this.#newest.keys()].filter(name => name >= first && name < end).sort()
    return names.map(name => this.#newest.get(name)!.change)
  }

  all(): Change[] {
    return Array.from(this.#newest.values(), ({ change }) => change)
  }

  /** All that frames up to `number` brought is in LMDB. */
  forget(number: number): void {
    for (const [name, newest] of this.#newest) if (newest.number <= number) this.#drop(name)
  }

  #drop(name: string): void {
    const known = this.#newest.get(name)
    if (!known) return
    this.#newest.delete(name)
    this.#bytes -= known.change.sealed?.length ?? 0
  }
}

const nameOf = (key: Buffer): string => key.toString('latin1')
