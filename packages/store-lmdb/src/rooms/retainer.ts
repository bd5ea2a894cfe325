import { needsSnapshot, type Retention, roomLevel } from '@midsentence/core'
import { put } from '../storage/change.ts'
import { readHeadPages } from '../storage/heads.ts'
import { snapshotKey } from '../storage/keys.ts'
import type { StoreContext } from '../storage/store-context.ts'
import { firstKeptSeq, planRemoval } from './retention.ts'
import type { RoomHead } from './room-head.ts'
import type { RoomHeads } from './room-heads.ts'
import { parsePosition } from './room-position.ts'
import { readSnapshots, snapshotSlot } from './snapshots.ts'

/** Time between two sweeps through all rooms, in milliseconds, if bytes do not ask for one. */
const SWEEP_MS = 3_600_000

/** After a sweep that could not remove enough, the log grows by this share of the maximum before the next. */
const RETRY_SHARE = 1 / 16

export interface RetainerOptions {
  readonly retention: Retention
  now(): number
  /** Bytes of the rows of all rooms. */
  readonly total: number
}

/**
 * Removes old messages: of a room after each of its snapshots, and of all rooms hourly, at the start, and when the rows of all
 * rooms exceed `retention.bytes`. One room at a time, in commits of their own.
 */
export class Retainer {
  readonly #context: StoreContext
  readonly #heads: RoomHeads
  readonly #retention: Retention
  readonly #now: () => number
  readonly #maxBytes: number
  readonly #isOn: boolean
  #total: number
  #sweepAbove: number
  #sweptAt = Number.NEGATIVE_INFINITY
  #isSweeping = false
  #closed = false
  /** Settles after all earlier removals. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(context: StoreContext, heads: RoomHeads, { retention, now, total }: RetainerOptions) {
    const { messages, age_ms, bytes } = retention
    this.#context = context
    this.#heads = heads
    this.#retention = retention
    this.#now = now
    this.#maxBytes = bytes ?? Number.POSITIVE_INFINITY
    this.#isOn = messages !== undefined || age_ms !== undefined || bytes !== undefined
    this.#total = total
    this.#sweepAbove = this.#maxBytes
    this.grew(0)
  }

  /** Counts written rows, and starts a sweep if one is due. */
  grew(bytes: number): void {
    this.#total += bytes
    if (!this.#isOn || this.#isSweeping) return
    if (this.#total > this.#sweepAbove || this.#now() - this.#sweptAt >= SWEEP_MS) this.#startSweep()
  }

  /** Tells whether the removal of messages in `room` waits for a snapshot. */
  due(room: string): boolean {
    return this.#isOn && needsSnapshot(this.#retention, { ...this.#heads.get(room), total: this.#total })
  }

  /** Removes what `room` need not keep, after a snapshot of it. */
  async saved(room: string): Promise<void> {
    if (!this.#isOn) return
    await this.#inLine(() => this.#retain(room, Number.POSITIVE_INFINITY))
    // What the last sweep could not remove may be covered now.
    if (this.#total > this.#maxBytes && !this.#isSweeping) this.#startSweep()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#last
  }

  #startSweep(): void {
    this.#isSweeping = true
    this.#sweptAt = this.#now()
    void this.#inLine(() => this.#sweep())
      // A damaged room is reported to its readers.
      .catch(() => undefined)
      .finally(() => {
        this.#isSweeping = false
        this.#sweepAbove = Math.max(this.#maxBytes, this.#total + this.#maxBytes * RETRY_SHARE)
        if (this.#total <= this.#maxBytes) this.#sweepAbove = this.#maxBytes
      })
  }

  async #sweep(): Promise<void> {
    const level = this.#total > this.#maxBytes ? await this.#level() : Number.POSITIVE_INFINITY
    const { messages, age_ms } = this.#retention
    const isTimely = messages !== undefined || age_ms !== undefined
    for await (const heads of readHeadPages<RoomHead>(this.#context, 'roomHead')) {
      for (const [room, { bytes }] of heads) {
        if (this.#closed) return
        if (isTimely || bytes > level) await this.#retain(room, level).catch(() => undefined)
      }
    }
  }

  async #level(): Promise<number> {
    const sizes: number[] = []
    for await (const heads of readHeadPages<RoomHead>(this.#context, 'roomHead'))
      for (const { bytes } of heads.values()) sizes.push(bytes)
    return roomLevel(sizes, this.#maxBytes)
  }

  async #retain(room: string, level: number): Promise<void> {
    const start = this.#heads.get(room)
    const wanted = firstKeptSeq(this.#context, room, start, this.#retention, this.#now(), level)
    if (wanted <= start.first.seq) return
    const [newest, older] = readSnapshots(this.#context, room)
    const seq = Math.min(wanted, seqOf(newest))
    if (newest === undefined || seq <= start.first.seq) return
    if (seqOf(older) < seq) {
      // Two snapshots must cover what is removed, so that one may be damaged.
      const copy = { ...newest, generation: newest.generation + 1 }
      await this.#context.writer.write([put(snapshotKey(start.number, snapshotSlot(copy.generation)), copy)])
    }
    while (!this.#closed) {
      const head = this.#heads.get(room)
      if (head.first.seq >= seq) return
      const { first, removals, bytes } = planRemoval(this.#context, room, head, seq)
      this.#total -= bytes
      await this.#heads.move(room, { ...head, first, bytes: head.bytes - bytes }, removals)
    }
  }

  #inLine(act: () => Promise<void>): Promise<void> {
    const done = this.#last.then(() => (this.#closed ? undefined : act()))
    this.#last = done.catch(() => undefined)
    return done
  }
}

const seqOf = (snapshot: { readonly position: string } | undefined): number =>
  (snapshot && parsePosition(snapshot.position)?.seq) ?? 0
