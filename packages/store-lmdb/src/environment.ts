import { open, type RootDatabase, type Transaction } from 'lmdb'
import { Ahead } from './ahead.ts'
import { closedError, damaged } from './damage.ts'
import { seal, unseal } from './sealed.ts'

/** A change of one key; without a value it is taken out. */
export interface Change {
  readonly key: Buffer
  readonly sealed?: Buffer
}

/** What stands under `key` once all that was called is written: of many in one flush one is written. */
export interface Latest {
  /** The same object for the same key. */
  readonly key: Buffer
  latest(): unknown
}

export const put = (key: Buffer, value: unknown): Change => ({ key, sealed: seal(key, value) })
export const removal = (key: Buffer): Change => ({ key })

/** What was found under a key, not read yet: `value` throws where it is damaged. */
export interface Found {
  readonly key: Buffer
  value(): unknown
}

/**
 * The LMDB environment of a directory, as sealed records under keys, below what is on the disk `ahead` of it. Each call
 * sees what was flushed last; `freeze` makes all of them see the same of LMDB.
 */
export class Environment {
  readonly ahead = new Ahead()
  readonly #db: RootDatabase<Buffer, Buffer>
  #transaction: Transaction | undefined
  #closed = false

  constructor(directory: string, readOnly: boolean) {
    this.#db = open<Buffer, Buffer>({
      path: directory,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      readOnly,
      // A commit is visible once it is on the disk, and not before: then a flush that fails has shown nothing to anybody.
      overlappingSync: false,
      // Batches are made here. Those that LMDB makes by itself have a promise that nobody sees: rejected, it ends the process.
      eventTurnBatching: false,
    })
  }

  get(key: Buffer): unknown {
    const ahead = this.ahead.get(key)
    const sealed = this.#read(() => (ahead ? ahead.sealed : this.#db.get(key, this.#options)))
    return sealed === undefined ? undefined : unseal(key, sealed)
  }

  /** What lies from `from` on and below `to`, at most `limit` of it; all within one view of the store. */
  range(from: Buffer, to: Buffer, limit = Number.POSITIVE_INFINITY): Found[] {
    const ahead = this.ahead.within(from, to)
    // Each of those may take the place of one, or take it out.
    const most = limit + ahead.length
    const bounds = Number.isFinite(limit) ? { start: from, end: to, limit: most } : { start: from, end: to }
    const found = this.#read(() => {
      const found: Found[] = []
      for (const { key, value } of this.#db.getRange({ ...bounds, ...this.#options })) found.push(foundAs(key, value))
      return found
    })
    return ahead.length === 0 ? found : merged(found, ahead).slice(0, limit)
  }

  /** Does all of `changes` in LMDB, or none of it. Resolves once that is on the disk; nobody sees it before. */
  async write(changes: readonly Change[]): Promise<void> {
    try {
      if (changes.length === 0) return
      await this.#db.batch(() => {
        for (const { key, sealed } of changes) {
          if (sealed) this.#db.put(key, sealed)
          else this.#db.remove(key)
        }
      })
      await this.#db.flushed
    } catch (error) {
      throw await commitErrorOf(error)
    }
  }

  /** Runs `act` while no other process can do the same. */
  exclusively<T>(act: () => T): T {
    return this.#db.transactionSync(act)
  }

  /** From now on LMDB is seen as it is now. */
  freeze(): void {
    this.#transaction?.done()
    this.#transaction = this.#db.useReadTransaction()
  }

  /** Writes all of it, as it is in one moment, into the file `path`; others may write meanwhile. */
  copyTo(path: string): Promise<void> {
    return this.#db.backup(path, false)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#transaction?.done()
    this.#transaction = undefined
    await this.#db.close()
  }

  get #options(): { readonly transaction?: Transaction } {
    return this.#transaction ? { transaction: this.#transaction } : {}
  }

  #read<T>(read: () => T): T {
    // Whoever reads while LMDB closes would end the process, a moment later.
    if (this.#closed) throw closedError('store')
    if (!this.#transaction) this.#db.resetReadTxn()
    try {
      return read()
    } catch (error) {
      throw damaged(`LMDB cannot read it (${error instanceof Error ? error.message : String(error)})`, error)
    }
  }
}

const foundAs = (key: Buffer, sealed: Buffer): Found => ({ key, value: () => unseal(key, sealed) })

/** Both in the order of their keys; of one key what is ahead counts. */
function merged(found: readonly Found[], ahead: readonly Change[]): Found[] {
  const all: Found[] = []
  let next = 0
  for (const { key, sealed } of ahead) {
    while (next < found.length && found[next]!.key.compare(key) < 0) all.push(found[next++]!)
    if (found[next]?.key.equals(key)) next++
    if (sealed) all.push(foundAs(key, sealed))
  }
  return all.concat(found.slice(next))
}

/** LMDB says in a second promise what went wrong; left alone that would end the process. */
async function commitErrorOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { readonly commitError?: Promise<never> }
  return commitError
    ? commitError.then(
        () => error,
        (reason: unknown) => reason,
      )
    : error
}
