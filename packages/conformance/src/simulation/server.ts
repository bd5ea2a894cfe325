import type { Clock, Message, RoomSettings } from '@midsentence/core'
import { type Hub, type HubOptions, type HubSession, openHub } from '@midsentence/core/hub'
import { type RpcDispatcher, rpcDispatcher } from '@midsentence/core/wire'
import type { CrashableLogs, HubLogs } from '../kit/crashable-logs.ts'
import type { SimulationPlan } from './plan.ts'
import { ProcessClock } from './process-clock.ts'

/** One run of the server, from start to end. After its end it has no effect any more. */
export interface ServerProcess {
  readonly hub: Hub
  readonly rpc: RpcDispatcher
  readonly clock: ProcessClock
  /** Resolves when it ends. */
  readonly ended: Promise<undefined>
}

/** Replaces parts of the server, to plant bugs in tests. */
export interface ServerOverrides {
  readonly hub?: (hub: Hub, context: { readonly plan: SimulationPlan; readonly clock: Clock }) => Hub
  readonly logs?: (logs: HubLogs) => HubLogs
  readonly options?: Partial<HubOptions> | ((plan: SimulationPlan) => Partial<HubOptions>)
}

/** How long a session lives after its last use, where the plan does not say it. */
export const SESSION_MS = 24 * 60 * 60 * 1000

/** A session of a client that is slow to begin must not be dropped. */
const UNUSED_MS = 1e9

/** The server of a simulation: the real hub and dispatcher over logs that lose unflushed writes in a crash. */
export class SimulatedServer {
  readonly #plan: SimulationPlan
  readonly #clock: Clock
  readonly #logs: CrashableLogs
  readonly #overrides: ServerOverrides
  #tokens = 0
  #offsetMs = 0
  process: ServerProcess | undefined
  /** How often it has started. */
  starts = 0

  constructor(plan: SimulationPlan, clock: Clock, logs: CrashableLogs, overrides: ServerOverrides) {
    this.#plan = plan
    this.#clock = clock
    this.#logs = logs
    this.#overrides = overrides
  }

  async start(): Promise<void> {
    const { settings, tail, snapshotEvery, seed, limit, session_ms = SESSION_MS } = this.#plan
    const { options } = this.#overrides
    const clock = new ProcessClock(this.#clock)
    clock.offsetMs = this.#offsetMs
    const opened = this.#logs.open()
    const correct = await openHub({
      ...(this.#overrides.logs?.(opened) ?? opened),
      clock,
      tail,
      snapshotEvery,
      policy: {
        room: (): Partial<RoomSettings> => settings,
        limits: () => ({}),
        access: () => (limit === undefined ? {} : { limit }),
      },
      times: { session_ms, unused_ms: UNUSED_MS },
      newToken: () => `${++this.#tokens}-${seed}-`.padEnd(32, '0'),
      ...(typeof options === 'function' ? options(this.#plan) : options),
    })
    const hub = this.#overrides.hub?.(correct, { plan: this.#plan, clock }) ?? correct
    this.starts++
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

  /** Joins as a legacy client, without the network. Undefined if the server is down or stops before it answers. */
  async joinLegacy(username: string): Promise<HubSession | undefined> {
    const { process } = this
    return process && Promise.race([process.hub.join({ username, legacy: true }), process.ended])
  }

  /** Loses the session of `token`, as a server does that forgot it. Returns whether there was one. */
  forget(token: string): boolean {
    try {
      this.process?.hub
        .enter(token)
        .leave()
        .catch(() => undefined)
      return this.process !== undefined
    } catch {
      return false
    }
  }

  /** Returns the room's messages on disk. */
  messages(): Promise<readonly Message[]> {
    return this.#logs.room.messages('lobby', 0, Number.POSITIVE_INFINITY)
  }
}
