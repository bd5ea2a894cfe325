import type { ScoreLog } from '../../ports/score-log.ts'
import type { Message, Seq } from '../../room/message.ts'
import type { ScoreRecord } from '../../score/records.ts'
import { scoreSize } from '../../score/size.ts'
import type { ScoreListener, ScoreSubscription } from '../requests.ts'
import { fitsOneBatch, type HistoryReader } from '../room/history-reader.ts'

/** Records read from the log at once, at most. */
const READ_RECORDS = 256

export interface ScoreWatchDeps {
  readonly room: string
  readonly log: ScoreLog
  readonly reader: HistoryReader
  readonly listener: ScoreListener
  /** The position after which it begins. Undefined: the oldest record that is kept. */
  readonly from: number | undefined
  /** The newest position. */
  readonly newest: number
  closed(): void
}

/**
 * Gives a listener the score of a room. The log is its queue: a listener that keeps up gets each group as it is written,
 * any other reads on from its position.
 */
export class ScoreWatch implements ScoreSubscription {
  readonly #deps: ScoreWatchDeps
  #position: number
  #newest: number
  /** Whether records that are not there were asked for. */
  #mayMiss: boolean
  #begun = false
  #paused = false
  #reading = false
  #closed = false

  constructor(deps: ScoreWatchDeps) {
    this.#deps = deps
    this.#position = deps.from ?? 0
    this.#mayMiss = deps.from !== undefined
    this.#newest = deps.newest
  }

  get position(): number {
    return this.#position
  }

  resume(): void {
    if (this.#closed) return
    this.#begun = true
    this.#paused = false
    if (!this.#reading) void this.#catchUp()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#deps.closed()
  }

  /** Hands over records that the log has now. */
  deliver(group: readonly ScoreRecord[]): void {
    this.#newest = group.at(-1)!.position
    if (!this.#begun || this.#closed || this.#paused || this.#reading) return
    const isNext = group[0]!.position === this.#position + 1
    if (isNext && group.every(record => record.type !== 'message' || record.message)) this.#handOver(group)
    else void this.#catchUp()
  }

  /** Ends it from the side of the room. */
  end(reason: string): void {
    if (this.#closed) return
    this.close()
    this.#deps.listener.ended(reason)
  }

  async #catchUp(): Promise<void> {
    const { room, log, listener } = this.#deps
    this.#reading = true
    try {
      while (!this.#closed && !this.#paused && this.#position < this.#newest) {
        const newest = this.#newest
        const records = fitsOneBatch(await log.read(room, this.#position, READ_RECORDS), scoreSize)
        const batch = await this.#withMessages(records)
        if (this.#closed) break
        const next = batch[0]?.position ?? newest + 1
        if (next > this.#position + 1 && this.#mayMiss) listener.missed(this.#position + 1, next - 1)
        this.#mayMiss = true
        if (batch.length > 0) this.#handOver(batch)
        else this.#position = newest
      }
    } catch {
      this.end('The score of this room cannot be read just now.')
    } finally {
      this.#reading = false
    }
  }

  #handOver(batch: readonly ScoreRecord[]): void {
    this.#position = batch.at(-1)!.position
    this.#mayMiss = true
    this.#paused = !this.#deps.listener.records(batch)
  }

  /** Adds the messages that the room's log still has. */
  async #withMessages(records: readonly ScoreRecord[]): Promise<readonly ScoreRecord[]> {
    const seqs = records.flatMap(record => (record.type === 'message' ? [record.seq] : []))
    const last = seqs.at(-1)
    if (last === undefined) return records
    const found = new Map<Seq, Message>()
    for (let after = seqs[0]! - 1; after < last; ) {
      const { messages, missed } = await this.#deps.reader.read(after, last - after)
      for (const message of messages) found.set(message.seq, message)
      const read = Math.max(messages.at(-1)?.seq ?? 0, missed?.to ?? 0)
      if (read <= after) break
      after = read
    }
    return records.map(record => {
      const message = record.type === 'message' ? found.get(record.seq) : undefined
      return message ? { ...record, message } : record
    })
  }
}
