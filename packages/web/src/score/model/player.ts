import type { ScoreRecord } from '@midsentence/core'
import { ScoreFold } from './fold.ts'
import type { ScoreTimeline } from './model.ts'
import { countUpTo, lastUpTo } from './search.ts'

export type PlaySpeed = 1 | 4 | 16

/** Calls `run` after `ms`, unless cancelled first. */
export type Schedule = (run: () => void, ms: number) => () => void

/** Longest time without a record that is played in full, in milliseconds at speed 1. */
const LONGEST_PAUSE_MS = 2000
/** Records that are kept, at most: then the older half goes, up to a `state`. */
const MAX_RECORDS = 200_000

const schedule: Schedule = (run, ms) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** A score, and the position of it that is looked at. Tells its listeners of each change, once per turn of the event loop. */
export class ScorePlayer {
  #records: ScoreRecord[] = []
  #fold = new ScoreFold()
  readonly #schedule: Schedule
  readonly #maxRecords: number
  readonly #listeners = new Set<() => void>()
  #position: number | undefined
  #isNotified = true
  #cancel: (() => void) | undefined
  /** The speed at which it plays. Undefined: it does not. */
  speed: PlaySpeed | undefined
  /** The time that playing left out before this position, in milliseconds. */
  skippedMs = 0

  constructor(options: { readonly schedule?: Schedule; readonly maxRecords?: number } = {}) {
    this.#schedule = options.schedule ?? schedule
    this.#maxRecords = options.maxRecords ?? MAX_RECORDS
  }

  get model(): ScoreTimeline {
    return this.#fold
  }

  /** The position that is looked at: the newest, unless `seek` said another. */
  get position(): number {
    return Math.min(this.#position ?? this.model.last, this.model.last)
  }

  /** Whether it follows new records. */
  get isLive(): boolean {
    return this.#position === undefined
  }

  /** The time at the position that is looked at, in milliseconds since 1970. */
  get time(): number | undefined {
    const { positions, times } = this.model
    return times[countUpTo(positions, this.position, at => at) - 1]
  }

  /** Adds records, in order. */
  add(records: readonly ScoreRecord[]): void {
    for (const record of records) if (record.position > this.model.last) this.#keep(record)
    this.#tell()
  }

  /** Forgets everything, and follows what is added next. */
  clear(): void {
    this.pause()
    this.#records = []
    this.#fold = new ScoreFold()
    this.#moveTo(undefined)
  }

  /** Calls `listener` after changes, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Looks at a position. Undefined: at the newest, and follows. */
  seek(position: number | undefined): void {
    this.pause()
    this.#moveTo(position)
  }

  /** Plays from the position that is looked at, or from the start if that is the newest. */
  play(speed: PlaySpeed): void {
    this.#cancel?.()
    if (this.position >= this.model.last) this.#moveTo(this.model.first)
    this.#position ??= this.model.first
    this.speed = speed
    this.#playNext()
    this.#tell()
  }

  pause(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.speed = undefined
    this.skippedMs = 0
    this.#tell()
  }

  /** Moves to the next or previous of `stops`, if there is one. */
  seekAmong(stops: readonly { readonly position: number }[], direction: 1 | -1): void {
    const positionOf = (stop: { readonly position: number }) => stop.position
    const next =
      direction === 1
        ? stops[countUpTo(stops, this.position, positionOf)]
        : lastUpTo(stops, this.position - 1, positionOf)
    if (next) this.seek(next.position)
  }

  #keep(record: ScoreRecord): void {
    this.#records.push(record)
    this.#fold.add([record])
    if (this.#records.length <= this.#maxRecords) return
    const from = this.#records.findIndex(({ type }, at) => type === 'state' && at >= this.#maxRecords / 2)
    this.#records = this.#records.slice(from < 0 ? Math.ceil(this.#maxRecords / 2) : from)
    this.#fold = new ScoreFold().add(this.#records)
  }

  #moveTo(position: number | undefined): void {
    this.#position = position === undefined ? undefined : Math.max(position, this.model.first)
    this.#tell()
  }

  #playNext(): void {
    const { positions, times } = this.model
    const next = countUpTo(positions, this.position, at => at)
    if (next >= positions.length || next === 0) return this.pause()
    const ms = Math.max(0, times[next]! - times[next - 1]!)
    this.skippedMs = Math.max(0, ms - LONGEST_PAUSE_MS)
    this.#cancel = this.#schedule(() => {
      // What happened in the same millisecond is shown at once.
      this.#moveTo(positions[countUpTo(times, times[next]!, at => at) - 1])
      this.#playNext()
    }, Math.min(ms, LONGEST_PAUSE_MS) / this.speed!)
  }

  #tell(): void {
    if (!this.#isNotified) return
    this.#isNotified = false
    // Not an animation frame: a hidden page has none.
    queueMicrotask(() => {
      this.#isNotified = true
      for (const listener of this.#listeners) listener()
    })
  }
}
