import type { Cancel, Clock } from '../ports/clock.ts'

/** One reader's line to a server, which has to be kept alive. Nothing here may throw. */
export interface HeartbeatConnection {
  /** To be called every now and then: shows that the line lives, and drops who takes nothing. */
  beat(): void
  /** Ends it behind what was written. Idempotent. */
  end(): void
  /** Breaks it, whatever is still to be written. Idempotent. */
  drop(): void
  /** Calls `run` once it is gone. */
  onClosed(run: () => void): void
}

/** Every one is visited once in so many milliseconds, in turns, so that many do not write all at once. */
const HEARTBEAT_MS = 15_000
const TURNS = 15

/** All connections that read, and the one timer that keeps them alive. */
export class Heartbeats {
  readonly #clock: Clock
  readonly #turns = Array.from({ length: TURNS }, () => new Set<HeartbeatConnection>())
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

  add(connection: HeartbeatConnection): void {
    const turn = this.#turns[this.#added++ % TURNS]!
    turn.add(connection)
    this.#size++
    connection.onClosed(() => {
      turn.delete(connection)
      if (--this.#size === 0) this.#rest()
    })
    this.#timer ??= this.#clock.after(HEARTBEAT_MS / TURNS, this.#next)
  }

  /** Ends all; those whose readers take nothing are dropped after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true
    const all = this.#turns.flatMap(turn => [...turn])
    const gone = all.map(each => new Promise<void>(resolve => each.onClosed(resolve)))
    for (const each of all) each.end()
    const cancel = this.#clock.after(graceMs, () => {
      for (const each of all) each.drop()
    })
    await Promise.all(gone)
    cancel()
  }

  readonly #next = (): void => {
    this.#timer = this.#clock.after(HEARTBEAT_MS / TURNS, this.#next)
    this.#turn = (this.#turn + 1) % TURNS
    for (const each of this.#turns[this.#turn]!) each.beat()
  }

  #rest(): void {
    this.#timer?.()
    this.#timer = undefined
  }
}
