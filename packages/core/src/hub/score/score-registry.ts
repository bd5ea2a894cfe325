import { memoryScores } from '../../memory/memory-scores.ts'
import type { Cancel, Clock } from '../../ports/clock.ts'
import { type Monitor, noopMonitor } from '../../ports/monitor.ts'
import type { ScoreLog } from '../../ports/score-log.ts'
import type { HubBounds } from '../bounds.ts'
import type { HubOptions } from '../hub-options.ts'
import type { RoomMembers } from '../room-members.ts'
import { RoomScore } from './room-score.ts'

const DAY_MS = 24 * 3600_000
/** Bytes that wait to be written in all rooms, at most. */
const BUFFER_BYTES = 16 * 2 ** 20
/** A score is trimmed this many times while it is kept. */
const SWEEPS = 24
/** How long states take to be written, in milliseconds. */
const MARK_MS = 1000

export interface ScoreRegistryDeps {
  readonly log: ScoreLog
  readonly clock: Clock
  readonly monitor: Monitor
  /** How long records are kept, in milliseconds. */
  readonly keep_ms: number
  readonly maxWatchers: number
}

/** Creates the scores of a hub, and trims those of an earlier one. */
export function scoreRegistry(
  { scores, score_keep_ms: keep_ms = DAY_MS, monitor = noopMonitor }: HubOptions,
  clock: Clock,
  bounds: HubBounds,
): ScoreRegistry {
  const log = scores ?? memoryScores()
  const registry = new ScoreRegistry({ log, clock, monitor, keep_ms, maxWatchers: bounds.watchers })
  if (scores) registry.start()
  return registry
}

/** The scores of a hub: starts and ends recordings, and trims what is too old. */
export class ScoreRegistry {
  readonly #deps: ScoreRegistryDeps
  readonly #budget = { bytes: 0, maximum: BUFFER_BYTES }
  readonly #recorded = new Map<string, RoomScore>()
  /** Recordings that are written to their end, by room. A next recording waits for them. */
  readonly #closing = new Map<string, Promise<unknown>>()
  #timer: Cancel | undefined
  #sweeping: Promise<void> | undefined
  #closed = false

  constructor(deps: ScoreRegistryDeps) {
    this.#deps = deps
  }

  /** Trims the scores of an earlier hub, and all from time to time. */
  start(): void {
    this.#timer ??= this.#deps.clock.after(0, () => this.#trim())
  }

  /** Starts to record a room, if its settings say so. */
  record(members: RoomMembers): void {
    const { room } = members
    if (!room.access.recorded || this.#closed) return
    const score = new RoomScore({
      ...this.#deps,
      room,
      budget: this.#budget,
      initial: members.scoreState(),
      before: this.#closing.get(room.name),
      failed: cause => this.#deps.monitor.scoreFailed(room.name, cause),
      counted: watchers => members.tellWatchers(watchers),
    })
    members.score = score
    this.#recorded.set(room.name, score)
    score.recorder.start()
    this.#timer ??= this.#deps.clock.after(this.#sweepMs, () => this.#mark())
  }

  /** Ends the recording of a room that leaves memory, or whose hub closes. Resolves once it is written. */
  async leave({ room: { name }, score }: RoomMembers): Promise<void> {
    if (!score) return
    if (this.#recorded.get(name) === score) this.#recorded.delete(name)
    const closing = score.recorder.close()
    this.#closing.set(name, closing)
    await closing
    if (this.#closing.get(name) === closing) this.#closing.delete(name)
  }

  /** Drops all records of a room. Resolves with whether there were some. */
  async erase(room: string): Promise<boolean> {
    await this.#closing.get(room)
    const score = this.#recorded.get(room)
    return score ? score.recorder.erase() : this.#deps.log.erase(room)
  }

  /** Resolves once nothing is written any more. Recordings end with their rooms. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.()
    await Promise.all([this.#sweeping, ...this.#closing.values()])
  }

  get #sweepMs(): number {
    return Math.max(this.#deps.keep_ms / SWEEPS - MARK_MS, MARK_MS)
  }

  /** Writes a state in each score: a later trim cuts there. */
  #mark(): void {
    for (const { recorder } of this.#recorded.values()) recorder.mark()
    this.#timer = this.#deps.clock.after(MARK_MS, () => this.#trim())
  }

  #trim(): void {
    // A log that fails keeps its records until the next time.
    this.#sweeping = this.#trimAll().catch(() => undefined)
    this.#timer = this.#deps.clock.after(this.#sweepMs, () => this.#mark())
  }

  async #trimAll(): Promise<void> {
    const { log, clock, keep_ms } = this.#deps
    const before = clock.now() - keep_ms
    for await (const room of log.rooms()) {
      if (this.#closed) return
      await log.trim(room, before)
    }
  }
}
