import type { Cancel, Clock, Message, RoomSettings } from '@midsentence/core'
import { type Hub, type HubOptions, type HubSession, openHub } from '@midsentence/core/hub'
import { type RpcDispatcher, rpcDispatcher } from '@midsentence/core/wire'
import type { CrashableLogs, HubLogs } from '../kit/crashable-logs.ts'
import type { Plan } from './plan.ts'

/** A server from its start to its end. Once it is over nothing of it has an effect any more. */
export interface Life {
  readonly hub: Hub
  readonly rpc: RpcDispatcher
  readonly clock: MortalClock
  /** Resolves when it ends. */
  readonly over: Promise<undefined>
}

/** A clock whose timers end with their server. Its wall time may be wrong. */
export class MortalClock implements Clock {
  readonly #clock: Clock
  readonly #cancels = new Set<Cancel>()
  readonly ended: Promise<undefined>
  #end!: () => void
  #over = false
  off = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.ended = new Promise(resolve => {
      this.#end = () => resolve(undefined)
    })
  }

  now(): number {
    return this.#clock.now() + this.off
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  after(ms: number, run: () => void): Cancel {
    if (this.#over) return () => {}
    const cancel = this.#clock.after(ms, () => {
      this.#cancels.delete(cancel)
      run()
    })
    this.#cancels.add(cancel)
    return () => {
      this.#cancels.delete(cancel)
      cancel()
    }
  }

  soon(run: () => void): void {
    this.#clock.soon(() => {
      if (!this.#over) run()
    })
  }

  stayAwake(): Cancel {
    return () => {}
  }

  end(): void {
    this.#over = true
    for (const cancel of this.#cancels) cancel()
    this.#end()
  }
}

/** How a simulated server differs from a right one: for tests of the simulation itself. */
export interface Sabotage {
  readonly hub?: (hub: Hub) => Hub
  readonly logs?: (logs: HubLogs) => HubLogs
  readonly options?: Partial<HubOptions>
}

/** So long a silent session is kept: nobody lapses here. */
const FOR_EVER_MS = 1e9

/** The server of a history: the real hub and dispatcher, over logs that a crash cuts short. */
export class Server {
  readonly #plan: Plan
  readonly #clock: Clock
  readonly #logs: CrashableLogs
  readonly #sabotage: Sabotage
  #tokens = 0
  #off = 0
  life: Life | undefined

  constructor(plan: Plan, clock: Clock, logs: CrashableLogs, sabotage: Sabotage) {
    this.#plan = plan
    this.#clock = clock
    this.#logs = logs
    this.#sabotage = sabotage
  }

  async start(): Promise<void> {
    const { settings, tail, sums, seed } = this.#plan
    const clock = new MortalClock(this.#clock)
    clock.off = this.#off
    const opened = this.#logs.open()
    const right = await openHub({
      ...(this.#sabotage.logs?.(opened) ?? opened),
      clock,
      tail,
      snapshotEvery: sums,
      policy: { room: (): Partial<RoomSettings> => settings, limits: () => ({}) },
      times: { away_ms: FOR_EVER_MS, lapse_ms: FOR_EVER_MS, unused_ms: FOR_EVER_MS, session_ms: FOR_EVER_MS },
      newToken: () => `${++this.#tokens}.${seed}.`.padEnd(32, '0'),
      ...this.#sabotage.options,
    })
    const hub = this.#sabotage.hub?.(right) ?? right
    this.life = { hub, rpc: rpcDispatcher(hub), clock, over: clock.ended }
  }

  /** It is gone from one moment to the next. */
  async crash(room: number, sessions: number): Promise<void> {
    this.life?.clock.end()
    this.life = undefined
    await this.#logs.crash({ room, sessions })
  }

  /** It ends in good order. What it still writes meanwhile counts. */
  async stop(settled: () => Promise<void>): Promise<void> {
    const { life } = this
    this.life = undefined
    if (!life) return
    const closing = life.hub.close()
    await settled()
    await closing
    life.clock.end()
    await this.#logs.crash({ room: Number.POSITIVE_INFINITY, sessions: Number.POSITIVE_INFINITY })
  }

  jump(by: number): void {
    this.#off += by
    if (this.life) this.life.clock.off = this.#off
  }

  /** Joins without a line in between. Undefined where the server is down, or goes down meanwhile. */
  async join(username: string, more: object = {}): Promise<HubSession | undefined> {
    const { life } = this
    return life && Promise.race([life.hub.join({ username, ...more }), life.over])
  }

  /** The room as it is on disk. */
  messages(): Promise<readonly Message[]> {
    return this.#logs.room.messages('lobby', 0, Number.POSITIVE_INFINITY)
  }
}
