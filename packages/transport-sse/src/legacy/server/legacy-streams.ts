import type { Cancel, Clock } from '@midsentence/core'
import type { LegacyStream } from './legacy-stream.ts'

/** Old clients are used to hear something every second. */
const BEAT_MS = 1000

/** All open streams, and the one timer that keeps them alive. */
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
      if (this.#streams.size === 0) this.#rest()
    })
    this.#timer ??= this.#clock.after(BEAT_MS, this.#beat)
  }

  /** Ends all; those whose readers take nothing are dropped after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const streams = [...this.#streams]
    const gone = streams.map(stream => new Promise<void>(resolve => stream.onClosed(resolve)))
    for (const stream of streams) stream.end()
    const cancel = this.#clock.after(graceMs, () => {
      for (const stream of streams) stream.drop()
    })
    await Promise.all(gone)
    cancel()
  }

  readonly #beat = (): void => {
    this.#timer = this.#clock.after(BEAT_MS, this.#beat)
    for (const stream of this.#streams) stream.beat()
  }

  #rest(): void {
    this.#timer?.()
    this.#timer = undefined
  }
}
