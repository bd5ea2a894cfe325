import type { DirectoryEntry, ServerDirectory, ServerEntry } from '@midsentence/cluster-nats'
import type { Random } from '@midsentence/conformance/simulation'
import { type Clock, MidsentenceError } from '@midsentence/core'
import type { ServiceLink } from './service-link.ts'

/** How long a request to the directory may take. */
const REQUEST_MS = 5000

/** A stored entry. `write`: which message wrote it. */
interface SimulatedEntry extends DirectoryEntry {
  readonly write: number
}

type Entries = ReadonlyMap<string, SimulatedEntry>

/** The entries of all servers of a cluster. */
export class SharedDirectory {
  readonly #clock: Clock
  readonly #staleMs: number
  readonly #random: Random
  readonly #removed: (id: string) => void
  #versions: { readonly at: number; readonly entries: Entries }[] = []
  #revisions = 0
  #writes = 0
  entries: Entries = new Map()

  /** `removed` is called with the id of each entry that is removed. */
  constructor(clock: Clock, random: Random, staleMs: number, removed: (id: string) => void) {
    this.#removed = removed
    this.#clock = clock
    this.#random = random
    this.#staleMs = staleMs
  }

  newWrite(): number {
    return ++this.#writes
  }

  /** Writes `entry` if the newest write of its id has `revision`; undefined: if there is none. Returns its revision. */
  put(entry: ServerEntry, revision: number | undefined, write: number): number | undefined {
    if (this.entries.get(entry.id)?.revision !== revision) return undefined
    const entries = new Map(this.entries)
    entries.set(entry.id, { entry, revision: ++this.#revisions, write })
    this.#change(entries)
    return this.#revisions
  }

  delete(id: string, revision?: number): boolean {
    const found = this.entries.get(id)
    if (!found || (revision !== undefined && found.revision !== revision)) return false
    const entries = new Map(this.entries)
    entries.delete(id)
    this.#removed(id)
    this.#change(entries)
    return true
  }

  /** Returns the entries as they were a while ago. */
  list(): readonly DirectoryEntry[] {
    const at = this.#clock.monotonic() - this.#random.below(this.#staleMs + 1)
    const version = this.#versions.findLast(each => each.at <= at) ?? { entries: this.entries }
    return [...version.entries.values()].map(({ entry, revision }) => ({ entry, revision }))
  }

  #change(entries: Entries): void {
    this.entries = entries
    this.#versions.push({ at: this.#clock.monotonic(), entries })
    if (this.#versions.length > 200) this.#versions = this.#versions.slice(-100)
  }
}

/** The directory as one server reaches it. */
export class SimulatedDirectory implements ServerDirectory {
  readonly #shared: SharedDirectory
  readonly #link: ServiceLink
  /** The revision of the last write that is known to be there. */
  #revision: number | undefined
  /** The writes whose outcome is not known. */
  readonly #unknown = new Set<number>()

  constructor(shared: SharedDirectory, link: ServiceLink) {
    this.#shared = shared
    this.#link = link
  }

  async renew(entry: ServerEntry): Promise<void> {
    if (this.#unknown.size > 0) await this.#learn(entry.id)
    const shared = this.#shared
    const write = shared.newWrite()
    const before = this.#revision
    this.#unknown.add(write)
    const revision = await this.#link.request(() => shared.put(entry, before, write), REQUEST_MS)
    this.#unknown.delete(write)
    this.#revision = revision
    if (revision === undefined) throw evicted()
  }

  async remove(id: string): Promise<void> {
    await this.#link.request(() => this.#shared.delete(id), REQUEST_MS)
  }

  evict(id: string, revision: number): Promise<boolean> {
    return this.#link.request(() => this.#shared.delete(id, revision), REQUEST_MS)
  }

  read(id: string): Promise<DirectoryEntry | undefined> {
    return this.#link.request(() => this.#shared.entries.get(id), REQUEST_MS)
  }

  list(): Promise<readonly DirectoryEntry[]> {
    return this.#link.request(() => this.#shared.list(), REQUEST_MS)
  }

  /** Finds out what became of writes without an answer. */
  async #learn(id: string): Promise<void> {
    const found = await this.#link.request(() => this.#shared.entries.get(id), REQUEST_MS)
    if (found && (found.revision === this.#revision || this.#unknown.has(found.write))) {
      this.#revision = found.revision
      return
    }
    const began = this.#revision !== undefined
    this.#revision = undefined
    this.#unknown.clear()
    if (began) throw evicted()
  }
}

const evicted = () => new MidsentenceError('unavailable', 'The entry was evicted.')
