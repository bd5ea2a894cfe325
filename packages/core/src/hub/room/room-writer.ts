import { isMidsentenceError, MidsentenceError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Position, RoomLog, RoomRecord } from '../../ports/room-log.ts'

/** What waits to be written, if anything, and what is done once everything before it and itself is. */
export interface QueuedWrite {
  readonly record?: RoomRecord
  done(error: MidsentenceError | undefined): void
}

export interface WriterEvents {
  /** These were written together, up to `position`; the messages among them may be shown. */
  written(records: readonly RoomRecord[], position: Position): void
  /** It took so long, in milliseconds on the monotonic clock. */
  committed(ms: number, records: number): void
  /** The log failed: nothing more is written. */
  failed(error: MidsentenceError): void
}

/** For so many turns of the event loop one write gathers at most, while each brings more. */
const MAX_GATHER_TURNS = 8

/**
 * The way from a room's judge to its log: in order, one write at a time, and one in a turn of the event loop. What comes
 * meanwhile is written, and shown, together: many who speak at once cost each listener one delivery. What needs no record
 * waits only for what is before it.
 */
export class RoomWriter {
  readonly #log: RoomLog
  readonly #room: string
  readonly #events: WriterEvents
  readonly #clock: Clock
  #position: Position
  #queue: QueuedWrite[] = []
  #writing: Promise<void> | undefined
  #failure: MidsentenceError | undefined

  constructor(log: RoomLog, room: string, position: Position, clock: Clock, tell: WriterEvents) {
    this.#log = log
    this.#room = room
    this.#position = position
    this.#clock = clock
    this.#events = tell
  }

  queue(entry: QueuedWrite): void {
    this.#queue.push(entry)
  }

  /** Writes what is in line, for as long as there is something. */
  write(): void {
    if (this.#writing || this.#queue.length === 0) return
    if (this.#queue.every(({ record }) => !record)) {
      for (const { done } of this.#queue.splice(0)) done(this.#failure)
      return
    }
    this.#writing = this.#run()
  }

  /** Resolves once nothing is in line any more. */
  async idle(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  async #run(): Promise<void> {
    // A flush is dear: what is on its way goes with it. In memory the first need not wait for the others.
    const dear = this.#log.durability === 'flushed'
    if (dear) await this.#waitForBatch()
    else await undefined
    while (this.#queue.length > 0) {
      await this.#writeBatch(this.#queue.splice(0))
      await (dear ? this.#waitForBatch() : this.#turn())
    }
    this.#writing = undefined
  }

  /** Once a turn has brought nothing more, or so many have gone by. */
  async #waitForBatch(): Promise<void> {
    for (let turn = 0, before = -1; turn < MAX_GATHER_TURNS && this.#queue.length > before; turn++) {
      before = this.#queue.length
      await this.#turn()
    }
  }

  #turn(): Promise<void> {
    return new Promise(resolve => this.#clock.soon(resolve))
  }

  async #writeBatch(entries: readonly QueuedWrite[]): Promise<void> {
    const records = entries.flatMap(({ record }) => record ?? [])
    try {
      if (this.#failure) throw this.#failure
      if (records.length > 0) {
        const began = this.#clock.monotonic()
        this.#position = await this.#log.append(this.#room, records, this.#position)
        this.#events.committed(this.#clock.monotonic() - began, records.length)
      }
    } catch (cause) {
      this.#fail(cause)
    }
    if (records.length > 0 && !this.#failure) this.#events.written(records, this.#position)
    for (const { done } of entries) done(this.#failure)
  }

  #fail(cause: unknown): void {
    if (this.#failure) return
    const known = isMidsentenceError(cause) ? cause.data : {}
    this.#failure = new MidsentenceError(
      'unavailable',
      'The room could not write this down. It is not known yet whether your message was sent: push again later.',
      { cause, data: { ...known, unknown: true } },
    )
    this.#events.failed(this.#failure)
  }
}
