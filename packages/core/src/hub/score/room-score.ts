import { MidsentenceError } from '../../errors.ts'
import type { Cancel, Clock } from '../../ports/clock.ts'
import type { ScoreRecord } from '../../score/records.ts'
import type { ScoreListener, ScoreSubscription } from '../requests.ts'
import type { Room } from '../room/room.ts'
import { ScoreRecorder, type ScoreRecorderDeps } from './recorder.ts'
import { ScoreWatch } from './score-watch.ts'

/** Time between two changes of the number of watchers that are told, in milliseconds. */
const ROUND_MS = 1000

export interface RoomScoreDeps extends Omit<ScoreRecorderDeps, 'room' | 'head' | 'written'> {
  readonly room: Room
  readonly maxWatchers: number
  /** Called with the number of watchers when it changed, at most once a second. */
  counted(watchers: number): void
}

/** The score of a room that is in memory: its recorder, and those who watch it. */
export class RoomScore {
  readonly recorder: ScoreRecorder
  readonly #deps: RoomScoreDeps
  readonly #watches = new Set<ScoreWatch>()
  #told = 0
  #lastRound = Number.NEGATIVE_INFINITY
  #timer: Cancel | undefined

  constructor(deps: RoomScoreDeps) {
    const { room } = deps
    this.#deps = deps
    this.recorder = new ScoreRecorder({
      ...deps,
      room: room.name,
      head: () => room.window.visible,
      written: records => this.#deliver(records),
    })
  }

  /** How many watch now. */
  get watchers(): number {
    return this.#watches.size
  }

  /** How many watch, as the others were told. */
  get toldWatchers(): number {
    return this.#told
  }

  /**
   * Gives `listener` every record after position `from`, then new ones, from the first `resume` on. `until`: when the access
   * ends, in milliseconds since 1970. Rejects with `invalid-params` if `from` is above the newest position.
   */
  async watch(listener: ScoreListener, from?: number, until?: number): Promise<ScoreSubscription> {
    const { room, log, clock, maxWatchers } = this.#deps
    const { position: newest } = await log.end(room.name)
    if (from !== undefined && from > newest) throw tooHigh(newest)
    if (this.#watches.size >= maxWatchers) throw tooManyWatchers(room.name)
    const cancel = until === undefined ? undefined : endAt(clock, until, () => watch.end('Your access has ended.'))
    const closed = () => {
      cancel?.()
      this.#watches.delete(watch)
      this.#count()
    }
    const watch = new ScoreWatch({ room: room.name, log, reader: room.reader, listener, from, newest, closed })
    this.#watches.add(watch)
    this.#count()
    return watch
  }

  /** Ends every watch. */
  disconnectAll(reason: string): void {
    for (const watch of [...this.#watches]) watch.end(reason)
    this.#timer?.()
    this.#timer = undefined
  }

  #deliver(records: readonly ScoreRecord[]): void {
    for (const watch of this.#watches) watch.deliver(records)
  }

  #count(): void {
    if (this.#timer || this.#watches.size === this.#told) return
    const { clock } = this.#deps
    const wait = Math.max(0, this.#lastRound + ROUND_MS - clock.monotonic())
    this.#timer = clock.after(wait, () => this.#tell())
  }

  #tell(): void {
    this.#timer = undefined
    if (this.#watches.size === this.#told) return
    this.#told = this.#watches.size
    this.#lastRound = this.#deps.clock.monotonic()
    this.#deps.counted(this.#told)
  }
}

/** A timer has at most 24.8 days: a later end is looked at again. */
const LONGEST_MS = 2 ** 31 - 1

function endAt(clock: Clock, until: number, end: () => void): Cancel {
  let cancel = () => {}
  const wait = () => {
    const left = until - clock.now()
    cancel = clock.after(Math.min(Math.max(left, 0), LONGEST_MS), left > LONGEST_MS ? wait : end)
  }
  wait()
  return () => cancel()
}

const tooHigh = (newest: number) =>
  new MidsentenceError('invalid-params', `The newest record is ${newest}: watch from a position up to that.`)

const tooManyWatchers = (room: string) =>
  new MidsentenceError('unavailable', `The room ${room} has too many watchers. Try again later.`, {
    data: { retry_after_ms: 10_000 },
  })
