import { isMidsentenceError } from '@midsentence/core'
import type { RootDatabase, Transaction } from 'lmdb'
import type { StoreChange } from './change.ts'
import { closedError, damaged } from './errors.ts'
import { loadLmdb } from './load-lmdb.ts'
import { HEADER, seal, unseal } from './sealed-value.ts'

/** A key and its value, parsed on demand: `value` throws `internal` if it is damaged. */
export interface StoredEntry {
  readonly key: Buffer
  /** Bytes of the JSON. */
  readonly length: number
  value(): unknown
}

/** The LMDB environment of a directory, as sealed JSON under keys. Every read sees the newest commit on disk. */
export class Environment {
  readonly #db: RootDatabase<Buffer, Buffer>
  #snapshot: Transaction | undefined
  #viewing = false
  #closed = false

  private constructor(db: RootDatabase<Buffer, Buffer>) {
    this.#db = db
  }

  /** Loads LMDB and opens `directory`. Rejects with `unavailable` if LMDB has no binary for this platform. */
  static async open(directory: string, readOnly: boolean): Promise<Environment> {
    const { open } = await loadLmdb()
    const db = open<Buffer, Buffer>({
      path: directory,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      readOnly,
      // Otherwise a commit becomes visible before it is on disk, and a failed flush never settles.
      overlappingSync: false,
      // Batches that LMDB forms itself have a promise that no caller holds: its rejection would end the process.
      eventTurnBatching: false,
    })
    return new Environment(db)
  }

  /** Bytes of all pages that LMDB has used so far. Takes about 20 microseconds. */
  get usedBytes(): number {
    const { lastPageNumber, pageSize } = this.#db.getStats() as { lastPageNumber: number; pageSize: number }
    return (lastPageNumber + 1) * pageSize
  }

  get(key: Buffer): unknown {
    const sealed = this.#read(() => this.#db.get(key, this.#readOptions))
    return sealed === undefined ? undefined : unseal(key, sealed)
  }

  /** Returns entries with `from <= key < to` in key order, at most `limit`, all from one read transaction. */
  range(from: Buffer, to: Buffer, limit = Number.POSITIVE_INFINITY): StoredEntry[] {
    return this.#entries(Number.isFinite(limit) ? { start: from, end: to, limit } : { start: from, end: to })
  }

  /** Returns the entry with the greatest key `from < key <= to`. */
  last(from: Buffer, to: Buffer): StoredEntry | undefined {
    return this.#entries({ start: to, end: from, reverse: true, limit: 1 })[0]
  }

  /** Runs `read` so that all its reads see the same commit. */
  view<T>(read: () => T): T {
    return this.#read(() => {
      this.#viewing = true
      try {
        return read()
      } finally {
        this.#viewing = false
      }
    })
  }

  /** Commits all `changes` or none. Resolves once they are on disk; readers see them no earlier. */
  async write(changes: readonly StoreChange[]): Promise<void> {
    try {
      if (changes.length === 0) return
      await this.#db.batch(() => {
        for (const { key, text } of changes) {
          if (text === undefined) this.#db.remove(key)
          else this.#db.put(key, seal(key, text))
        }
      })
      await this.#db.flushed
    } catch (error) {
      throw await commitErrorOf(error)
    }
  }

  /** Runs `act` in a write transaction: no other process runs one meanwhile. */
  exclusively<T>(act: () => T): T {
    return this.#db.transactionSync(act)
  }

  /** Makes all later reads see the store as it is now. */
  freeze(): void {
    this.#snapshot?.done()
    this.#snapshot = this.#db.useReadTransaction()
  }

  /** Copies the newest commit into the file `path`. Other processes may write meanwhile. */
  copyTo(path: string): Promise<void> {
    return this.#db.backup(path, false)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#snapshot?.done()
    this.#snapshot = undefined
    await this.#db.close()
  }

  get #readOptions(): { readonly transaction?: Transaction } {
    return this.#snapshot ? { transaction: this.#snapshot } : {}
  }

  #entries(range: { start: Buffer; end: Buffer; limit?: number; reverse?: boolean }): StoredEntry[] {
    return this.#read(() => {
      const found: StoredEntry[] = []
      for (const { key, value: sealed } of this.#db.getRange({ ...range, ...this.#readOptions }))
        found.push({ key, length: sealed.length - HEADER, value: () => unseal(key, sealed) })
      return found
    })
  }

  #read<T>(read: () => T): T {
    // Reading from a closed LMDB environment would crash the process.
    if (this.#closed) throw closedError('store')
    if (!this.#snapshot && !this.#viewing) this.#db.resetReadTxn()
    try {
      return read()
    } catch (error) {
      if (isMidsentenceError(error)) throw error
      throw damaged(`LMDB cannot read it (${error instanceof Error ? error.message : String(error)})`, error)
    }
  }
}

/** LMDB gives the cause of a failed commit in a second promise; unhandled, its rejection would end the process. */
async function commitErrorOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { readonly commitError?: Promise<never> }
  return commitError
    ? commitError.then(
        () => error,
        (reason: unknown) => reason,
      )
    : error
}
