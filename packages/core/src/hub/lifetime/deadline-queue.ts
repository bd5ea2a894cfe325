import TinyQueue from 'tinyqueue'
import type { Cancel, Clock } from '../../ports/clock.ts'

/** The entry of an item in a queue. */
export interface Deadline<T> {
  readonly at: number
  /** Undefined once the entry is not valid any more. */
  item: T | undefined
}

/** An item that knows its entry, so that it has at most one. */
export interface HasDeadline<T> {
  deadline: Deadline<T> | undefined
}

/** A timer of more than 24 days fires at once. */
const MAX_TIMER_MS = 24 * 60 * 60 * 1000
/** Items handled in one turn of the event loop; the others follow in the next. */
const MAX_PER_TURN = 500
/** Invalid entries that are kept besides as many as there are valid ones. */
const SPARE_ENTRIES = 64

/**
 * Handles items when their time comes, with one timer. The cost follows the number of items that are due, not of all.
 * An item whose time moved on is corrected when its old time comes: moving it on costs nothing.
 */
export class DeadlineQueue<T extends HasDeadline<T>> {
  readonly #clock: Clock
  readonly #handle: (item: T, now: number) => number
  #entries = new TinyQueue<Deadline<T>>([], byTime)
  #valid = 0
  #timer: { readonly at: number; readonly cancel: Cancel } | undefined
  #handling = false
  #closed = false

  /** `handle` is called when an item is due, and returns when to handle it next: `Infinity` for never. */
  constructor(clock: Clock, handle: (item: T, now: number) => number) {
    this.#clock = clock
    this.#handle = handle
  }

  /** How many entries it keeps, invalid ones included: at most twice the items, and 64. */
  get size(): number {
    return this.#entries.length
  }

  /** Handles `item` at `at`, on the monotonic clock, or earlier if that was asked for before. */
  schedule(item: T, at: number): void {
    const { deadline } = item
    if (this.#closed || (deadline ? deadline.at <= at : at === Number.POSITIVE_INFINITY)) return
    this.remove(item)
    item.deadline = { at, item }
    this.#valid++
    this.#entries.push(item.deadline)
    this.#setTimer()
  }

  /** Does not handle `item` any more. */
  remove(item: T): void {
    if (!item.deadline) return
    item.deadline.item = undefined
    item.deadline = undefined
    this.#valid--
    if (this.#entries.length <= 2 * this.#valid + SPARE_ENTRIES) return
    this.#entries = new TinyQueue(this.#entries.data.filter(isValid), byTime)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  #setTimer(): void {
    if (this.#handling || this.#closed) return
    const at = this.#entries.peek()?.at
    if (at === undefined || (this.#timer && this.#timer.at <= at)) return
    this.#timer?.cancel()
    const ms = Math.min(Math.max(at - this.#clock.monotonic(), 0), MAX_TIMER_MS)
    this.#timer = { at, cancel: this.#clock.after(ms, () => this.#handleDue()) }
  }

  #handleDue(): void {
    this.#timer = undefined
    this.#handling = true
    const now = this.#clock.monotonic()
    for (let handled = 0; handled < MAX_PER_TURN && this.#isDue(now); handled++) {
      const { item } = this.#entries.pop()!
      if (!item) continue
      item.deadline = undefined
      this.#valid--
      const next = this.#handle(item, now)
      // Later than now: in this round it was handled.
      this.schedule(item, Math.max(next, now + 1))
    }
    this.#handling = false
    this.#setTimer()
  }

  #isDue(now: number): boolean {
    const first = this.#entries.peek()
    return first !== undefined && first.at <= now
  }
}

const byTime = (one: Deadline<unknown>, other: Deadline<unknown>): number => one.at - other.at
const isValid = ({ item }: Deadline<unknown>): boolean => item !== undefined
