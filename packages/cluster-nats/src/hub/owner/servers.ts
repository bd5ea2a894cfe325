import type { Cancel, Clock, Monitor } from '@midsentence/core'
import type { DirectoryEntry, ServerDirectory, ServerEntry } from '../../ports.ts'
import type { ClusterCounters } from '../cluster-counters.ts'
import type { ClusterTimes } from '../times.ts'
import type { Lease } from './lease.ts'

export interface ServersDeps {
  /** This server. */
  readonly id: string
  readonly directory: ServerDirectory
  readonly clock: Clock
  readonly times: ClusterTimes
  readonly lease: Lease
  readonly counters: ClusterCounters
  readonly monitor: Monitor
  /** Called once for each server that ended, was evicted or removed its entry. */
  gone(id: string): void
}

interface KnownServer extends DirectoryEntry {
  /** When this revision was first seen, on the monotonic clock. */
  readonly seenAt: number
}

/** The other servers, as the directory shows them. Evicts the entries of those that do not renew them. */
export class Servers {
  readonly #deps: ServersDeps
  readonly #known = new Map<string, KnownServer>()
  #timer: Cancel | undefined
  #closed = false

  constructor(deps: ServersDeps) {
    this.#deps = deps
  }

  /** The servers that take rooms or have some, this one not included. */
  get others(): readonly ServerEntry[] {
    return [...this.#known.values()].map(({ entry }) => entry)
  }

  /** Whether a server has an entry, as far as is known. */
  has(id: string): boolean {
    return this.#known.has(id)
  }

  /** Reads the directory, and goes on. Rejects if it cannot be read. */
  async start(): Promise<void> {
    await this.#look()
    this.#schedule()
  }

  close(): void {
    this.#closed = true
    this.#timer?.()
  }

  /**
   * Resolves with whether a server has an entry, read from the directory; evicts it before, if it was not renewed for too
   * long. A server without an entry answers nothing any more. Rejects if the directory cannot be read.
   */
  async isAlive(id: string): Promise<boolean> {
    const { directory } = this.#deps
    const found = await directory.read(id)
    if (!found) {
      this.#forget(id)
      return false
    }
    this.#see(found)
    return !(await this.#evictIfDead(id))
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = this.#deps.clock.after(this.#deps.times.renew_ms, () => {
      void this.#look()
        .catch(() => undefined)
        .then(() => this.#schedule())
    })
  }

  async #look(): Promise<void> {
    const entries = await this.#deps.directory.list()
    for (const entry of entries) this.#see(entry)
    const listed = new Set(entries.map(({ entry }) => entry.id))
    for (const id of [...this.#known.keys()]) {
      // A list may be older than an entry that was read.
      if (!listed.has(id)) await this.isAlive(id)
      else await this.#evictIfDead(id)
    }
  }

  #see({ entry, revision }: DirectoryEntry): void {
    const { id, clock } = this.#deps
    const known = this.#known.get(entry.id)
    if (entry.id === id || (known && known.revision >= revision)) return
    this.#known.set(entry.id, { entry, revision, seenAt: clock.monotonic() })
  }

  /** Time counts only while this server could renew its own entry: else all would seem dead where the directory was. */
  async #evictIfDead(id: string): Promise<boolean> {
    const { directory, clock, times, lease, counters, monitor } = this.#deps
    const known = this.#known.get(id)
    if (!known) return true
    const silentFor = clock.monotonic() - known.seenAt
    if (Math.min(silentFor, lease.heldFor) < times.dead_ms) return false
    if (!(await directory.evict(id, known.revision))) return false
    counters.evictions++
    monitor.serverEvicted?.(known.entry.name, silentFor)
    this.#forget(id)
    return true
  }

  #forget(id: string): void {
    if (this.#known.delete(id)) this.#deps.gone(id)
  }
}
