import type { Cancel, Clock, Message, RoomSettings } from '@midsentence/core'
import { type Hub, type HubOptions, type HubSession, openHub } from '@midsentence/core/hub'
import { type RpcDispatcher, rpcDispatcher } from '@midsentence/core/wire'
import type { CrashableLogs, HubLogs } from '../kit/crashable-logs.ts'
import type { SimulationPlan } from './plan.ts'

/** One run of the server, from start to end. After its end it has no effect any more. */
export interface ServerProcess {
  readonly hub: Hub
  readonly rpc: RpcDispatcher
  readonly clock: ProcessClock
  /** Resolves when it ends. */
  readonly ended: Promise<undefined>
}

/** A clock whose timers end with their server. Its wall time is off by `offsetMs`. */
export class ProcessClock implements Clock {
  readonly #clock: Clock
  readonly #cancels = new Set<Cancel>()
  readonly ended: Promise<undefined>
  #resolveEnded!: () => void
  #ended = false
  offsetMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.ended = new Promise(resolve => {
      this.#resolveEnded = () => resolve(undefined)
    })
  }

  now(): number {
    return this.#clock.now() + this.offsetMs
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  after(ms: number, run: () => void): Cancel {
    if (this.#ended) return () => {}
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
      if (!this.#ended) run()
    })
  }

  keepProcessAlive(): Cancel {
    return () => {}
  }

  end(): void {
    this.#ended = true
    for (const cancel of this.#cancels) cancel()
    this.#resolveEnded()
  }
}

/** Replaces parts of the server, to plant bugs in tests. */
export interface ServerOverrides {
  readonly hub?: (hub: Hub) => Hub
  readonly logs?: (logs: HubLogs) => HubLogs
  readonly options?: Partial<HubOptions>
}

/** Session times that no session reaches. */
const NEVER_MS = 1e9

/** The server of a simulation: the real hub and dispatcher over logs that lose unflushed writes in a crash. */
export class SimulatedServer {
  readonly #plan: SimulationPlan
  readonly #clock: Clock
  readonly #logs: CrashableLogs
  readonly #overrides: ServerOverrides
  #tokens = 0
  #offsetMs = 0
  process: ServerProcess | undefined

  constructor(plan: SimulationPlan, clock: Clock, logs: CrashableLogs, overrides: ServerOverrides) {
    this.#plan = plan
    this.#clock = clock
    this.#logs = logs
    this.#overrides = overrides
  }

  async start(): Promise<void> {
    const { settings, tail, snapshotEvery, seed } = this.#plan
    const clock = new ProcessClock(this.#clock)
    clock.offsetMs = this.#offsetMs
    const opened = this.#logs.open()
    const correct = await openHub({
      ...(this.#overrides.logs?.(opened) ?? opened),
      clock,
      tail,
      snapshotEvery,
      policy: { room: (): Partial<RoomSettings> => settings, limits: () => ({}) },
      times: { away_ms: NEVER_MS, lapse_ms: NEVER_MS, unused_ms: NEVER_MS, session_ms: NEVER_MS },
      newToken: () => `${++this.#tokens}.${seed}.`.padEnd(32, '0'),
      ...this.#overrides.options,
    })
    const hub = this.#overrides.hub?.(correct) ?? correct
    this.process = { hub, rpc: rpcDispatcher(hub), clock, ended: clock.ended }
  }

  /** Crashes the server. Of the unflushed writes, `room` and `sessions` writes survive. */
  async crash(room: number, sessions: number): Promise<void> {
    this.process?.clock.end()
    this.process = undefined
    await this.#logs.crash({ room, sessions })
  }

  /** Closes the server cleanly. Everything it writes until then counts. */
  async stop(settled: () => Promise<void>): Promise<void> {
    const { process } = this
    this.process = undefined
    if (!process) return
    const closing = process.hub.close()
    await settled()
    await closing
    process.clock.end()
    await this.#logs.crash({ room: Number.POSITIVE_INFINITY, sessions: Number.POSITIVE_INFINITY })
  }

  jump(by: number): void {
    this.#offsetMs += by
    if (this.process) this.process.clock.offsetMs = this.#offsetMs
  }

  /** Joins without the network. Undefined if the server is down or stops before it answers. */
  async join(username: string, more: object = {}): Promise<HubSession | undefined> {
    const { process } = this
    return process && Promise.race([process.hub.join({ username, ...more }), process.ended])
  }

  /** Returns the room's messages on disk. */
  messages(): Promise<readonly Message[]> {
    return this.#logs.room.messages('lobby', 0, Number.POSITIVE_INFINITY)
  }
}
