import { type Cancel, type Clock, isMidsentenceError, type MidsentenceError, type Monitor } from '@midsentence/core'
import type { ServerDirectory, ServerEntry } from '../../ports.ts'
import type { ClusterCounters } from '../cluster-counters.ts'
import { clusterClosing, noLease } from '../cluster-errors.ts'
import type { ClusterTimes } from '../times.ts'

export interface LeaseDeps {
  readonly directory: ServerDirectory
  readonly clock: Clock
  readonly times: ClusterTimes
  readonly counters: ClusterCounters
  readonly monitor: Monitor
  /** The entry to write. */
  entry(): ServerEntry
}

/**
 * This server's right to answer for its rooms: it renews its entry in the directory, and holds the right for a term after each
 * renewal that was confirmed, counted from the moment it was begun. The monotonic clock counts on while a process is stopped, so
 * such a process finds its term over. Others take its rooms only after they evicted its entry, which its next renewal finds.
 */
export class Lease {
  readonly #deps: LeaseDeps
  /** Until when it holds, on the monotonic clock. */
  #until = Number.NEGATIVE_INFINITY
  #epoch = 0
  #evicted = true
  #since = Number.POSITIVE_INFINITY
  #timer: Cancel | undefined
  /** Reports the end of the term. */
  #ending: Cancel | undefined
  /** A loss that was reported: since when, on the monotonic clock, and whether others evicted the entry since. */
  #loss: { readonly at: number; evicted: boolean } | undefined
  #renewing: Promise<void> | undefined
  readonly #waiting = new Set<{ readonly resolve: () => void; readonly reject: (error: MidsentenceError) => void }>()
  #closed = false

  constructor(deps: LeaseDeps) {
    this.#deps = deps
  }

  /** Whether it holds now. */
  get holds(): boolean {
    return this.#deps.clock.monotonic() < this.#until
  }

  /** Counts how often it began. A room that was claimed in an earlier epoch may have another owner. */
  get epoch(): number {
    return this.#epoch
  }

  /** For how long it has held without an interruption, in milliseconds; 0 if it does not hold. */
  get heldFor(): number {
    return this.holds ? this.#deps.clock.monotonic() - this.#since : 0
  }

  /** Makes the first renewal, and goes on. Rejects if the directory could not be written for `locate_ms`. */
  async start(): Promise<void> {
    const { clock, times } = this.#deps
    const until = clock.monotonic() + times.locate_ms
    // A bucket that was just created, or whose leader is being elected, takes no writes yet.
    for (;;) {
      try {
        await this.#renew()
        break
      } catch (error) {
        if (clock.monotonic() >= until) throw error
        await new Promise<void>(resolve => void clock.after(times.renew_ms, resolve))
      }
    }
    this.#schedule()
  }

  /** Resolves once it holds. Rejects with `unavailable` once it is closed, and after `locate_ms`. */
  confirmed(): Promise<void> {
    if (this.#closed) return Promise.reject(clusterClosing())
    if (this.holds) return Promise.resolve()
    const { clock, times } = this.#deps
    let cancel: Cancel | undefined
    const confirmed = new Promise<void>((resolve, reject) => {
      const waiting = { resolve, reject }
      this.#waiting.add(waiting)
      cancel = clock.after(times.locate_ms, () => {
        this.#waiting.delete(waiting)
        reject(noLease())
      })
    })
    return confirmed.finally(cancel)
  }

  /** Writes the entry now, since it changed. Failures are ignored: the next renewal brings it. */
  update(): Promise<void> {
    return this.#renew().catch(() => undefined)
  }

  /** Renews no more. It ends with its term. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.()
    this.#ending?.()
    for (const { reject } of this.#waiting) reject(clusterClosing())
    this.#waiting.clear()
    await this.#renewing?.catch(() => undefined)
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = this.#deps.clock.after(this.#deps.times.renew_ms, () => {
      void this.update().then(() => this.#schedule())
    })
  }

  /** One write at a time, since each is made directly after the last. */
  #renew(): Promise<void> {
    const renewing = (this.#renewing ?? Promise.resolve()).catch(() => undefined).then(() => this.#write())
    this.#renewing = renewing
    return renewing
  }

  async #write(): Promise<void> {
    const { directory, clock, times, counters, monitor, entry } = this.#deps
    if (this.#closed) return
    const began = clock.monotonic()
    try {
      await directory.renew(entry())
    } catch (error) {
      // Evicted: others take the rooms. The right is gone at once, and a new one begins with the next renewal.
      if (isMidsentenceError(error) && error.data.unknown !== true) {
        this.#until = Number.NEGATIVE_INFINITY
        this.#evicted = true
        this.#reportLoss(clock.monotonic())
        if (this.#loss) this.#loss.evicted = true
      }
      throw error
    }
    if (this.#epoch > 0 && began >= this.#until) counters.leaseInterruptions++
    if (this.#evicted) this.#epoch++
    this.#evicted = false
    if (began >= this.#until) this.#since = began
    this.#until = began + times.term_ms
    if (!this.holds) return
    this.#watchTerm()
    if (this.#loss) monitor.leaseRegained?.(clock.monotonic() - this.#loss.at, this.#loss.evicted)
    this.#loss = undefined
    for (const { resolve } of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #watchTerm(): void {
    const { clock } = this.#deps
    this.#ending?.()
    this.#ending = clock.after(this.#until - clock.monotonic(), () => {
      // A timer may be early.
      if (this.holds) this.#watchTerm()
      else this.#reportLoss(this.#until)
    })
  }

  /** Once until it holds again, and not before it held. */
  #reportLoss(at: number): void {
    if (this.#closed || this.#loss || this.#epoch === 0) return
    const { monitor, entry } = this.#deps
    this.#loss = { at, evicted: this.#evicted }
    monitor.leaseLost?.(entry().rooms, this.#evicted)
  }
}
