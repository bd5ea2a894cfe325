import type { ScoreRecord } from '@midsentence/core'
import type { ScoreListener, ScoreSubscription } from '@midsentence/core/hub'
import { missedFrame, opening, recordsFrame } from './frames.ts'
import { StreamWriter } from './stream-writer.ts'

/** Writes the score of a room to one connection. It queues no records: a stalled reader resumes from the log. */
export class ScoreStream extends StreamWriter implements ScoreListener {
  /** The last position written. */
  #position = 0

  /** Sends the head and the opening event, then lets records follow. */
  open(log: string, subscription: ScoreSubscription): void {
    this.subscription = subscription
    if (this.isClosed) return subscription.close()
    this.#position = subscription.position
    if (this.start(opening({ log, position: this.#position }, this.#position))) subscription.resume()
  }

  records(batch: readonly ScoreRecord[]): boolean {
    this.#position = batch.at(-1)!.position
    return this.write(recordsFrame(batch))
  }

  missed(from: number, to: number): void {
    this.write(missedFrame(this.#position, from, to))
  }

  /** Called when the access ends, the room is closed, or the hub closes. */
  ended(): void {
    this.end()
  }
}
