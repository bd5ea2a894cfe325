import type { BackloggedConnection, ReaderBacklog } from '@midsentence/core/wire'
import { networkOf } from './client-address.ts'

/** Limits on bytes that wait in memory for readers. They hold for loopback addresses too. */
export interface BacklogBounds {
  /** Of the connections of one address. Default 64 MiB. */
  readonly address_bytes: number
  /** Of all connections. Default 256 MiB. */
  readonly bytes: number
  /** Milliseconds in which a reader has to take something. Default 30,000. */
  readonly stall_ms: number
}

export const defaultBacklogBounds: BacklogBounds = {
  address_bytes: 64 * 2 ** 20,
  bytes: 256 * 2 ** 20,
  stall_ms: 30_000,
}

const SWEEP_MS = 1000

interface Backlog {
  readonly connection: BackloggedConnection
  readonly address: string
  bytes: number
  /** Bytes that the reader has taken in all, and when that last grew. */
  taken: number
  since: number
  readonly closed: () => void
}

/** Cuts connections that let too much wait, those with the most bytes first, and those that take nothing for a time. */
export class BacklogLimits implements ReaderBacklog {
  readonly #bounds: BacklogBounds
  readonly #now: () => number
  readonly #cut: (address: string) => void
  readonly #backlogs = new Map<BackloggedConnection, Backlog>()
  readonly #byAddress = new Map<string, number>()
  #bytes = 0
  #sweeping: NodeJS.Timeout | undefined

  /** `cut` is called for each connection that is cut, with its address. `now`: milliseconds on a monotonic clock. */
  constructor(bounds: BacklogBounds, cut: (address: string) => void = () => {}, now = () => performance.now()) {
    this.#bounds = bounds
    this.#cut = cut
    this.#now = now
  }

  /** Bytes that wait now, of all connections. */
  get bytes(): number {
    return this.#bytes
  }

  report(connection: BackloggedConnection, bytes: number, address = ''): void {
    const known = this.#backlogs.get(connection)
    if (bytes === 0) {
      if (known) this.#forget(known)
      return
    }
    const backlog = known ?? this.#begin(connection, networkOf(address))
    this.#change(backlog, bytes)
    const { address_bytes, bytes: all } = this.#bounds
    if (this.#bytes > all) this.#cutLargest([...this.#backlogs.values()], this.#bytes - all)
    const ofAddress = this.#byAddress.get(backlog.address) ?? 0
    if (ofAddress <= address_bytes) return
    const theirs = [...this.#backlogs.values()].filter(each => each.address === backlog.address)
    this.#cutLargest(theirs, ofAddress - address_bytes)
  }

  /** Cuts connections that took nothing for `stall_ms`. Called every second while bytes wait. */
  sweep(): void {
    const now = this.#now()
    for (const backlog of [...this.#backlogs.values()]) {
      const taken = takenFrom(backlog.connection)
      if (backlog.connection.writableLength === 0) this.#forget(backlog)
      else if (taken > backlog.taken) Object.assign(backlog, { taken, since: now })
      else if (now - backlog.since >= this.#bounds.stall_ms) this.#destroy(backlog)
    }
  }

  #begin(connection: BackloggedConnection, address: string): Backlog {
    const backlog: Backlog = {
      ...{ connection, address, bytes: 0, taken: takenFrom(connection), since: this.#now() },
      closed: () => this.#forget(backlog),
    }
    this.#backlogs.set(connection, backlog)
    connection.once('close', backlog.closed)
    this.#sweeping ??= setInterval(() => this.sweep(), SWEEP_MS).unref()
    return backlog
  }

  #change(backlog: Backlog, bytes: number): void {
    const more = bytes - backlog.bytes
    backlog.bytes = bytes
    this.#bytes += more
    const ofAddress = (this.#byAddress.get(backlog.address) ?? 0) + more
    if (ofAddress > 0) this.#byAddress.set(backlog.address, ofAddress)
    else this.#byAddress.delete(backlog.address)
  }

  #forget(backlog: Backlog): void {
    if (!this.#backlogs.delete(backlog.connection)) return
    this.#change(backlog, 0)
    backlog.connection.off('close', backlog.closed)
    if (this.#backlogs.size > 0) return
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }

  /** Cuts connections until `excess` bytes fewer wait. */
  #cutLargest(backlogs: Backlog[], excess: number): void {
    let left = excess
    for (const backlog of backlogs.sort((one, other) => other.bytes - one.bytes)) {
      if (left <= 0) return
      left -= backlog.bytes
      this.#destroy(backlog)
    }
  }

  #destroy(backlog: Backlog): void {
    this.#forget(backlog)
    this.#cut(backlog.address)
    backlog.connection.destroy()
  }
}

const takenFrom = ({ bytesWritten = 0, writableLength }: BackloggedConnection): number => bytesWritten - writableLength
