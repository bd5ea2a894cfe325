import type { Cancel, Clock } from '../ports/clock.ts'

/** A connection that is kept alive. Its methods must not throw. */
export interface HeartbeatConnection {
  /** Sends a sign of life. Drops the connection if its reader takes nothing. */
  beat(): void
  /** Ends it after what was written. Idempotent. */
  end(): void
  /** Breaks it at once. Idempotent. */
  drop(): void
  /** Calls `run` once it has closed. */
  onClosed(run: () => void): void
}

/** Interval per connection, in milliseconds. Spread over turns, so that not all write at once. */
const HEARTBEAT_MS = 15_000
const TURNS = 15

/** Keeps connections alive with one timer. */
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
      if (--this.#size === 0) this.#stopTimer()
    })
    this.#timer ??= this.#clock.after(HEARTBEAT_MS / TURNS, this.#next)
  }

  /** Ends all connections. Drops those that have not closed after `graceMs` milliseconds. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true
    const all = this.#turns.flatMap(turn => [...turn])
    const closed = all.map(each => new Promise<void>(resolve => each.onClosed(resolve)))
    for (const each of all) each.end()
    const cancel = this.#clock.after(graceMs, () => {
      for (const each of all) each.drop()
    })
    await Promise.all(closed)
    cancel()
  }

  readonly #next = (): void => {
    this.#timer = this.#clock.after(HEARTBEAT_MS / TURNS, this.#next)
    this.#turn = (this.#turn + 1) % TURNS
    for (const each of this.#turns[this.#turn]!) each.beat()
  }

  #stopTimer(): void {
    this.#timer?.()
    this.#timer = undefined
  }
}
