import { type ClusterHub, openClusterHub } from '@midsentence/cluster-nats'
import {
  type ClusterFault,
  type ClusterService,
  loggedMessages,
  type PlannedCluster,
  ProcessClock,
  Random,
  type ServerParts,
  type ServerProcess,
  type SimulationServer,
} from '@midsentence/conformance/simulation'
import type { Clock } from '@midsentence/core'
import { rpcDispatcher } from '@midsentence/core/wire'
import { ServiceLink, type SlowService } from './service-link.ts'
import { SharedBus, SimulatedBus } from './simulated-bus.ts'
import { SharedDirectory, SimulatedDirectory } from './simulated-directory.ts'
import { SharedLogs, SimulatedLogs } from './simulated-logs.ts'

/** How long a server that could not start waits before it tries again. */
const RESTART_MS = 1000
const UNUSED_MS = 1e9
const SESSION_MS = 24 * 60 * 60 * 1000

/** A server of the cluster: the same place, process after process. */
interface ServerSlot {
  readonly index: number
  readonly cutUntil: Record<ClusterService, number>
  readonly slow: Partial<Record<ClusterService, SlowService>>
  /** How many ids its processes have made. */
  ids: number
  clock: ProcessClock | undefined
  process: (ServerProcess & { readonly hub: ClusterHub }) | undefined
}

/** Several servers over simulated logs, a directory and a bus. */
export class SimulatedCluster implements SimulationServer {
  readonly #parts: ServerParts
  readonly #cluster: PlannedCluster
  readonly #clock: Clock
  readonly #random: Random
  readonly #logs: SharedLogs
  readonly #directory: SharedDirectory
  readonly #bus: SharedBus
  readonly #slots: readonly ServerSlot[]
  readonly restarts: number[] = []
  #reliable = true
  #tokens = 0

  constructor(parts: ServerParts) {
    const { plan, clock } = parts
    this.#parts = parts
    this.#cluster = plan.cluster!
    this.#clock = clock
    this.#random = new Random(plan.seed ^ 0xc1a5)
    this.#logs = new SharedLogs(`simulated ${plan.seed}`, what => {
      parts.trace.line('room', what)
      this.restarts.push(clock.monotonic())
    })
    this.#directory = new SharedDirectory(clock, this.#random, this.#cluster.staleMs, id =>
      parts.trace.line('entry', `of ${id} is removed`),
    )
    this.#bus = new SharedBus(clock)
    this.#slots = this.#cluster.speeds.map((_, index) => ({
      index,
      cutUntil: { logs: 0, directory: 0, bus: 0 },
      slow: {},
      ids: 0,
      clock: undefined,
      process: undefined,
    }))
  }

  get process(): ServerProcess | undefined {
    return this.find()
  }

  find(index?: number): ServerProcess | undefined {
    if (index !== undefined) return this.#slots[index]?.process
    const up = this.#slots.flatMap(({ process }) => process ?? [])
    return up.length > 0 ? this.#random.pick(up) : undefined
  }

  get starts(): number {
    return this.restarts.length
  }

  async start(): Promise<void> {
    await Promise.all(this.#slots.map(slot => this.#start(slot)))
  }

  sameAs(process: ServerProcess): ServerProcess | undefined {
    return this.isUp(process) ? process : undefined
  }

  isUp({ clock }: ServerProcess): boolean {
    return !clock.hasEnded
  }

  apply(fault: ClusterFault | { readonly type: string }): void {
    if (!('server' in fault)) return
    const slot = this.#slots[fault.server]
    if (!slot) return
    const { trace } = this.#parts
    const line = (what: string) => trace.line(`server ${slot.index}`, what)
    switch (fault.type) {
      case 'cut-server':
        line(`is cut from ${fault.from} for ${fault.ms} ms`)
        slot.cutUntil[fault.from] = Math.max(slot.cutUntil[fault.from], this.#clock.monotonic() + fault.ms)
        return
      case 'slow-server':
        line(`reaches ${fault.from} slowly for ${fault.ms} ms`)
        slot.slow[fault.from] = { ...fault, until: this.#clock.monotonic() + fault.ms }
        return
      case 'stop-server': {
        const { clock } = slot
        if (!clock || clock.isStopped) return
        line(`is stopped for ${fault.ms} ms`)
        clock.stop()
        this.#clock.after(fault.ms, () => {
          if (clock.hasEnded) return
          line('goes on')
          clock.goOn()
        })
        return
      }
      case 'kill-server':
        line(`is killed for ${fault.down} ms`)
        this.#end(slot)
        this.#startAfter(slot, fault.down)
        return
      case 'drain-server': {
        const { process } = slot
        if (!process || process.clock.isStopped) return
        line('hands its rooms over')
        process.clock.whenRunning(
          () =>
            void process.hub.close().then(() => {
              if (slot.process !== process) return
              line(`has ended for ${fault.down} ms`)
              this.#end(slot)
              this.#startAfter(slot, fault.down)
            }),
        )
      }
    }
  }

  get reliable(): boolean {
    return this.#reliable
  }

  set reliable(reliable: boolean) {
    this.#reliable = reliable
    if (reliable) for (const { cutUntil } of this.#slots) Object.assign(cutUntil, { logs: 0, directory: 0, bus: 0 })
  }

  async joinLegacy(): Promise<undefined> {}

  forget(): boolean {
    return false
  }

  log() {
    return loggedMessages(this.#logs.log)
  }

  end(): void {
    for (const slot of this.#slots) this.#end(slot)
  }

  #end(slot: ServerSlot): void {
    slot.clock?.end()
    slot.clock = undefined
    slot.process = undefined
  }

  #startAfter(slot: ServerSlot, ms: number): void {
    this.#clock.after(ms, () => void this.#start(slot))
  }

  async #start(slot: ServerSlot): Promise<void> {
    if (slot.clock) return
    const { plan, trace } = this.#parts
    const { settings, tail, snapshotEvery, seed, session_ms = SESSION_MS } = plan
    const clock = new ProcessClock(this.#clock, this.#cluster.speeds[slot.index])
    slot.clock = clock
    const link = (service: ClusterService) =>
      new ServiceLink({
        clock: this.#clock,
        process: clock,
        random: this.#random,
        faults: this.#cluster.services[service],
        isFaulty: () => !this.#reliable,
        slow: () => slot.slow[service],
        isCut: () => this.#clock.monotonic() < slot.cutUntil[service],
      })
    try {
      const hub = await openClusterHub({
        logs: new SimulatedLogs(this.#logs, link('logs')),
        directory: new SimulatedDirectory(this.#directory, link('directory')),
        bus: new SimulatedBus(this.#bus, clock, link('bus')),
        name: `server ${slot.index}`,
        newId: () => `${slot.index}.${++slot.ids}`,
        newToken: () => `${++this.#tokens}-${seed}-`.padEnd(32, '0'),
        clock,
        tail,
        snapshotEvery,
        policy: { room: () => settings, limits: () => ({}) },
        times: { session_ms, unused_ms: UNUSED_MS },
        fault: (cause, method) => trace.line(`server ${slot.index}`, `fails at ${method}: ${(cause as Error).stack}`),
      })
      if (slot.clock !== clock) return
      trace.line(`server ${slot.index}`, `has started as ${hub.server}`)
      slot.process = { hub, rpc: rpcDispatcher(hub), clock, ended: clock.ended }
    } catch (error) {
      trace.line(`server ${slot.index}`, `cannot start: ${(error as Error).message}`)
      if (slot.clock !== clock) return
      this.#end(slot)
      this.#startAfter(slot, RESTART_MS)
    }
  }
}
