import { type Clock, memoryLog, memorySessions, type RoomSettings } from '@midsentence/core'
import { type Hub, type HubOptions, type HubSession, openHub } from '@midsentence/core/hub'
import { type RpcDispatcher, rpcDispatcher } from '@midsentence/core/wire'
import { CrashableLogs, type HubLogs } from '../kit/crashable-logs.ts'
import { type LoggedMessage, loggedMessages } from './logged-message.ts'
import type { ClusterFault, PlannedFault, SimulationPlan } from './plan.ts'
import { ProcessClock } from './process-clock.ts'
import type { SimulationTrace } from './trace.ts'

/** One run of the server, from start to end. After its end it has no effect any more. */
export interface ServerProcess {
  readonly hub: Hub
  readonly rpc: RpcDispatcher
  readonly clock: ProcessClock
  /** Resolves when it ends. */
  readonly ended: Promise<undefined>
}

/** What answers the calls of a simulation: one server, or several that share their logs. */
export interface SimulationServer {
  /** The server that a new call finds. Undefined if it finds none. */
  readonly process: ServerProcess | undefined
  /** Counts how often something may have forgotten what only memory has. */
  readonly starts: number
  /** When it did. */
  readonly restarts: readonly number[]
  start(): Promise<void>
  /** The server of this index, if it is up. Without an index: `process`. */
  find(index?: number): ServerProcess | undefined
  /** The server that a second copy of a call finds, after the first found `process`. */
  sameAs(process: ServerProcess): ServerProcess | undefined
  /** Tells whether answers of a process arrive. */
  isUp(process: ServerProcess): boolean
  apply(fault: ServerFault | ClusterFault): void
  /** When set, no fault happens. */
  reliable: boolean
  joinLegacy(username: string): Promise<HubSession | undefined>
  /** Loses the session of `token`. Returns whether there was one. */
  forget(token: string): boolean
  /** Returns the messages of the room. */
  log(): Promise<readonly LoggedMessage[]>
  end(): void
}

/** A fault of the one server of a simulation. */
export type ServerFault = Extract<PlannedFault, { readonly type: 'crash' | 'restart' | 'clock-jump' }>

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
export class SimulatedServer implements SimulationServer {
  readonly #plan: SimulationPlan
  readonly #clock: Clock
  readonly #logs: CrashableLogs
  readonly #overrides: ServerOverrides
  readonly #trace: SimulationTrace
  readonly restarts: number[] = []
  reliable = true
  #tokens = 0
  #offsetMs = 0
  process: ServerProcess | undefined
  /** How often it has started. */
  starts = 0

  constructor(plan: SimulationPlan, clock: Clock, trace: SimulationTrace, overrides: ServerOverrides) {
    this.#plan = plan
    this.#clock = clock
    this.#trace = trace
    const durability = 'flushed'
    this.#logs = new CrashableLogs(
      {
        log: { ...memoryLog({ id: `simulated ${plan.seed}` }), durability },
        sessions: { ...memorySessions(), durability },
      },
      plan.flush_ms > 0 ? { flush: () => after(clock, plan.flush_ms) } : {},
    )
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

  find(): ServerProcess | undefined {
    return this.process
  }

  sameAs(): ServerProcess | undefined {
    return this.process
  }

  isUp(process: ServerProcess): boolean {
    return process === this.process
  }

  apply(fault: ServerFault | ClusterFault): void {
    if (fault.type === 'clock-jump') {
      this.#trace.line('server', `its wall clock jumps by ${fault.by} ms`)
      this.#offsetMs += fault.by
      if (this.process) this.process.clock.offsetMs = this.#offsetMs
    }
    if ((fault.type !== 'crash' && fault.type !== 'restart') || !this.process) return
    const { down } = fault
    const how =
      fault.type === 'crash' ? `crashes, ${fault.room} and ${fault.sessions} unflushed writes survive` : 'closes'
    this.#trace.line('server', `${how}; it starts again in ${down} ms`)
    const closing_ms = this.#plan.flush_ms * 20 + 1
    const ending =
      fault.type === 'crash'
        ? this.#crash(fault.room, fault.sessions)
        : this.#stop(() => after(this.#clock, closing_ms))
    this.restarts.push(this.#clock.monotonic())
    this.#clock.after(Math.max(down, fault.type === 'restart' ? closing_ms + 1 : 0), () => {
      void ending
        .then(() => this.start())
        .then(() => {
          this.restarts.push(this.#clock.monotonic())
          this.#trace.line('server', 'has started again')
        })
    })
  }

  end(): void {
    this.process?.clock.end()
  }

  /** Crashes the server. Of the unflushed writes, `room` and `sessions` writes survive. */
  async #crash(room: number, sessions: number): Promise<void> {
    this.process?.clock.end()
    this.process = undefined
    await this.#logs.crash({ room, sessions })
  }

  /** Closes the server cleanly. Everything it writes until then counts. */
  async #stop(settled: () => Promise<void>): Promise<void> {
    const { process } = this
    this.process = undefined
    if (!process) return
    const closing = process.hub.close()
    await settled()
    await closing
    process.clock.end()
    await this.#logs.crash({ room: Number.POSITIVE_INFINITY, sessions: Number.POSITIVE_INFINITY })
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

  log(): Promise<readonly LoggedMessage[]> {
    return loggedMessages(this.#logs.room)
  }
}

const after = (clock: Clock, ms: number): Promise<void> => new Promise(resolve => void clock.after(ms, resolve))
