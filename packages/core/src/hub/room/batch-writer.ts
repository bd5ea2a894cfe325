import type { MidsentenceError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Position } from '../../ports/room-log.ts'
import type { LogDurability } from '../../room/message.ts'

/** A write in the queue. Without a record, it only waits for the writes before it. */
export interface QueuedWrite<R> {
  readonly record?: R
  /** Called once, after the write and all before it are durable, or with the error of the log. */
  done(error: MidsentenceError | undefined): void
}

export interface BatchWriterDeps<R> {
  readonly clock: Clock
  readonly durability: LogDurability
  /** The head of the log. */
  readonly position: Position
  append(records: readonly R[], expected: Position): Promise<Position>
  /** Called after each append that took `ms` milliseconds, before its writes are done. */
  written?(records: readonly R[], position: Position, ms: number): void
  /** Called once, when an append fails. Returns the error that this and all later writes are done with. */
  failed(cause: unknown): MidsentenceError
}

/** How many turns of the event loop one batch waits at most, while each turn brings more. */
const MAX_GATHER_TURNS = 8

/**
 * Writes records to one ordered log: one append at a time, each with everything that was queued before it began. A log
 * that flushes is given a whole turn of the event loop, since a flush costs more than waiting for it.
 */
export class BatchWriter<R> {
  readonly #deps: BatchWriterDeps<R>
  #position: Position
  #queue: QueuedWrite<R>[] = []
  #writing: Promise<void> | undefined
  #failure: MidsentenceError | undefined

  constructor(deps: BatchWriterDeps<R>) {
    this.#deps = deps
    this.#position = deps.position
  }

  /** Puts a write in the queue. It waits there until `write` is called. */
  queue(entry: QueuedWrite<R>): void {
    this.#queue.push(entry)
  }

  /** Writes what is in the queue until it is empty. */
  write(): void {
    if (this.#writing || this.#queue.length === 0) return
    if (this.#queue.every(({ record }) => !record)) {
      for (const { done } of this.#queue.splice(0)) done(this.#failure)
      return
    }
    this.#writing = this.#run()
  }

  /** Queues and writes one record. Resolves once it is durable. */
  append(record: R): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queue({ record, done: error => (error ? reject(error) : resolve()) })
      this.write()
    })
  }

  /** Resolves once the queue is empty. */
  async idle(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  async #run(): Promise<void> {
    const flushes = this.#deps.durability !== 'memory'
    if (flushes) await this.#waitForBatch()
    else await undefined
    while (this.#queue.length > 0) {
      await this.#writeBatch(this.#queue.splice(0))
      await (flushes ? this.#waitForBatch() : this.#turn())
    }
    this.#writing = undefined
  }

  /** Resolves once a turn brought nothing more, or after the last turn. */
  async #waitForBatch(): Promise<void> {
    for (let turn = 0, before = -1; turn < MAX_GATHER_TURNS && this.#queue.length > before; turn++) {
      before = this.#queue.length
      await this.#turn()
    }
  }

  #turn(): Promise<void> {
    return new Promise(resolve => this.#deps.clock.soon(resolve))
  }

  async #writeBatch(entries: readonly QueuedWrite<R>[]): Promise<void> {
    const records: R[] = []
    for (const { record } of entries) if (record !== undefined) records.push(record)
    if (records.length > 0 && !this.#failure) await this.#append(records)
    for (const { done } of entries) done(this.#failure)
  }

  async #append(records: readonly R[]): Promise<void> {
    const { clock, append, written, failed } = this.#deps
    const began = clock.monotonic()
    try {
      this.#position = await append(records, this.#position)
    } catch (cause) {
      this.#failure = failed(cause)
      return
    }
    written?.(records, this.#position, clock.monotonic() - began)
  }
}
