import type { Cancel, Clock } from '@midsentence/core'
import type { EventStream } from './event-stream.ts'

/** Every stream is visited once in so many milliseconds, in turns, so that many do not write all at once. */
const HEARTBEAT_MS = 15_000
const TURNS = 15

/** All open streams, and the one timer that keeps them alive. */
export class Streams {
  readonly #clock: Clock
  readonly #turns = Array.from({ length: TURNS }, () => new Set<EventStream>())
  #added = 0
  #turn = 0
  #size = 0
  #timer: Cancel | undefined
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get closed(): boolean {
    return this.#closed
  }

  add(stream: EventStream): void {
    const turn = this.#turns[this.#added++ % TURNS]!
    turn.add(stream)
    this.#size++
    stream.whenGone(() => {
      turn.delete(stream)
      if (--this.#size === 0) this.#rest()
    })
    this.#timer ??= this.#clock.after(HEARTBEAT_MS / TURNS, this.#next)
  }

  /** Ends all; those whose readers take nothing are dropped after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true
    const streams = this.#turns.flatMap(turn => [...turn])
    const gone = streams.map(stream => new Promise<void>(resolve => stream.whenGone(resolve)))
    for (const stream of streams) stream.end()
    const cancel = this.#clock.after(graceMs, () => {
      for (const stream of streams) stream.drop()
    })
    await Promise.all(gone)
    cancel()
  }

  readonly #next = (): void => {
    this.#timer = this.#clock.after(HEARTBEAT_MS / TURNS, this.#next)
    this.#turn = (this.#turn + 1) % TURNS
    for (const stream of this.#turns[this.#turn]!) stream.beat()
  }

  #rest(): void {
    this.#timer?.()
    this.#timer = undefined
  }
}
