import type { Cancel, Clock } from '@midsentence/core'
import type { LegacyStream } from './legacy-stream.ts'

/** The Python server writes every second, and old clients expect it. */
const BEAT_MS = 1000

/** The open streams, with one timer for their keepalives. */
export class LegacyStreams {
  readonly #clock: Clock
  readonly #streams = new Set<LegacyStream>()
  #timer: Cancel | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(stream: LegacyStream): void {
    this.#streams.add(stream)
    stream.onClosed(() => {
      this.#streams.delete(stream)
      if (this.#streams.size === 0) this.#stopTimer()
    })
    this.#timer ??= this.#clock.after(BEAT_MS, this.#beat)
  }

  /** Ends all streams; drops those still open after `graceMs` milliseconds. */
  async close(graceMs: number): Promise<void> {
    const streams = [...this.#streams]
    const closed = streams.map(stream => new Promise<void>(resolve => stream.onClosed(resolve)))
    for (const stream of streams) stream.end()
    const cancel = this.#clock.after(graceMs, () => {
      for (const stream of streams) stream.drop()
    })
    await Promise.all(closed)
    cancel()
  }

  readonly #beat = (): void => {
    this.#timer = this.#clock.after(BEAT_MS, this.#beat)
    for (const stream of this.#streams) stream.beat()
  }

  #stopTimer(): void {
    this.#timer?.()
    this.#timer = undefined
  }
}
