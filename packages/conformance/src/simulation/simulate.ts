import { type Clock, defaultRoomSettings, type VirtualClock, virtualClock } from '@midsentence/core'
import { checkHistory, historyRecorder } from '../history/index.ts'
import { HostedClient } from './clients/hosted-client.ts'
import { LegacyDialectClient } from './clients/legacy-dialect-client.ts'
import { LocalClient } from './clients/local-client.ts'
import { Network } from './network.ts'
import type { ClusterFault, PlannedClient, PlannedFault, SimulationPlan } from './plan.ts'
import { repeatedTexts } from './repeated-texts.ts'
import { type ServerOverrides, SimulatedServer, type SimulationServer } from './server.ts'
import {
  type ClientOverrides,
  pause,
  type SimulatedClient,
  type SimulationContext,
  type Violation,
} from './simulation-context.ts'
import { SimulationTrace } from './trace.ts'

export interface SimulationOptions {
  /** Records a trace. Default false. */
  readonly trace?: boolean
  /** Parts of the server to replace. */
  readonly overrides?: ServerOverrides
  /** Makes the servers. Default: one, with `overrides`. */
  readonly serverFor?: (parts: ServerParts) => SimulationServer
  /** Parts of the local clients to replace. */
  readonly clientOverrides?: ClientOverrides
}

/** What servers are made of. */
export interface ServerParts {
  readonly plan: SimulationPlan
  readonly clock: Clock
  readonly trace: SimulationTrace
  readonly overrides: ServerOverrides
}

const oneServer = ({ plan, clock, trace, overrides }: ServerParts): SimulationServer =>
  new SimulatedServer(plan, clock, trace, overrides)

export interface SimulationResult {
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
  /** How many messages the room has at the end. */
  readonly messages: number
}

/** Long enough for every wait to end after the last fault. */
const FINISH_TIMEOUT_MS = 2_000_000
/** The same for a cluster, whose servers are never idle and whose clients are away for a short time only. */
const CLUSTER_TIMEOUT_MS = 600_000
/** How often a visitor tries to join under a name that is taken. */
const VISITOR_RETRY_MS = 10_000
/** How far the clock moves before the next check whether all clients are done. */
const STEP_MS = 2_000

/** Runs a plan to its end and returns the rules that it broke. */
export async function simulate(
  plan: SimulationPlan,
  { trace: isTraced = false, overrides = {}, clientOverrides = {}, serverFor = oneServer }: SimulationOptions = {},
): Promise<SimulationResult> {
  const clock = virtualClock()
  const trace = new SimulationTrace(isTraced ? clock : undefined)
  const server = serverFor({ plan, clock, trace, overrides })
  const network = new Network(clock, server, trace, plan.cluster?.giveUpMs)
  const violations: Violation[] = []
  const context: SimulationContext = {
    plan,
    clock,
    server,
    network,
    trace,
    clientOverrides,
    recorder: historyRecorder(() => clock.monotonic()),
    report: (rule, what) => {
      trace.line('rule', `${rule}: ${what}`)
      violations.push({ rule, what })
    },
  }
  const ignoringHolds: string[] = []
  const setReliable = (reliable: boolean) => {
    network.reliable = reliable
    server.reliable = reliable
  }
  await settled(clock, 1, server.start())
  const clients = plan.clients.map(planned => clientFor(context, planned, ignoringHolds))
  await joinAll(context, clients)
  const cast: Cast = { clients, visitors: [], visitorCount: 0 }
  setReliable(false)
  for (const action of plan.actions) clock.after(action.at, () => clients[action.client]?.perform(action))
  for (const fault of plan.faults) clock.after(fault.at, () => applyFault(context, cast, fault))
  const last = Math.max(0, ...plan.actions.map(({ at }) => at), ...plan.faults.map(endOf))
  await clock.advance(last + 1)

  setReliable(true)
  trace.line('', 'No more faults from here on.')
  const finishTimeout = plan.cluster ? CLUSTER_TIMEOUT_MS : FINISH_TIMEOUT_MS
  let finished = false
  const finishing = Promise.all([
    ...clients.map(client => client.finish()),
    // They leave, since the others may wait for their names and places.
    ...cast.visitors.map(async visitor => {
      await visitor.finish()
      await visitor.leave()
    }),
  ]).then(() => {
    finished = true
  })
  for (let waited = 0; !finished && waited < finishTimeout; waited += STEP_MS) await clock.advance(STEP_MS)
  if (finished) await finishing
  else context.report('O1', 'A client still waits for an answer, long after the last fault.')

  const log = await server.log()
  const settings = settingsSeen(plan)
  const history = context.recorder.history({ settings, log, ignoringHolds, restarts: server.restarts })
  for (const { rule, what } of [...checkHistory(history), ...repeatedTexts(log)]) context.report(rule, what)
  for (const client of clients) client.check?.(log)
  server.end()
  return { violations, trace: trace.lines, messages: log.length }
}

/** The settings as the clients see them: by the fastest clock of a server, a floor ends before its time. */
function settingsSeen({ settings, cluster }: SimulationPlan): SimulationPlan['settings'] {
  const { floor_ms = defaultRoomSettings.floor_ms } = settings
  return { ...settings, floor_ms: floor_ms / Math.max(1, ...(cluster?.speeds ?? [])) }
}

function clientFor(context: SimulationContext, planned: PlannedClient, ignoringHolds: string[]): SimulatedClient {
  if (planned.kind === 'local') return new LocalClient(context, planned)
  if (planned.kind === 'legacy')
    return new LegacyDialectClient(context, planned, session => ignoringHolds.push(session))
  return new HostedClient(context, planned)
}

/** Lets the clients join one after another. A join must be flushed. */
async function joinAll({ clock, plan }: SimulationContext, clients: readonly SimulatedClient[]): Promise<void> {
  for (const client of clients) {
    await settled(clock, plan.flush_ms + 5, client.join())
  }
}

/** Moves the clock by steps of `ms` until a promise is settled. */
async function settled(clock: VirtualClock, ms: number, promise: Promise<unknown>): Promise<void> {
  let isSettled = false
  const settling = promise.finally(() => {
    isSettled = true
  })
  settling.catch(() => undefined)
  await clock.settle()
  while (!isSettled) await clock.advance(ms)
  await settling
}

/** Those who take part. */
interface Cast {
  readonly clients: readonly SimulatedClient[]
  /** Those who took the name of a client. */
  readonly visitors: HostedClient[]
  visitorCount: number
}

function applyFault(context: SimulationContext, cast: Cast, fault: PlannedFault | ClusterFault): void {
  const { clients } = cast
  const { server, trace } = context
  switch (fault.type) {
    case 'crash':
    case 'restart':
    case 'clock-jump':
    case 'kill-server':
    case 'stop-server':
    case 'drain-server':
    case 'cut-server':
    case 'slow-server':
      return server.apply(fault)
    case 'disconnect':
      return clients[fault.client]?.disconnect?.(fault.ms, fault.silent === true)
    case 'kill':
      return clients[fault.client]?.kill?.(fault.down)
    case 'sleep':
      return clients[fault.client]?.sleep(fault.ms, fault.clockStops === true)
    case 'half-open':
      return clients[fault.client]?.halfOpen?.(fault.ms)
    case 'forget':
      trace.line('server', `forgets the session of ${clients[fault.client]?.client.name}`)
      return clients[fault.client]?.forget?.()
    case 'take-name':
      return void takeName(context, cast, fault)
  }
}

/** Lets somebody join under the name of a client once it is free, and say something. */
async function takeName(
  context: SimulationContext,
  cast: Cast,
  { client: at, ms, stays }: Extract<PlannedFault, { type: 'take-name' }>,
): Promise<void> {
  const { clock, plan } = context
  const until = clock.monotonic() + ms
  const { clients, visitors } = cast
  const { name } = clients[at]!.client
  const visitor = new HostedClient(context, { name, kind: 'keyed' }, `${name} visitor ${++cast.visitorCount}`)
  while (!(await visitor.tryJoin())) {
    await pause(clock, VISITOR_RETRY_MS)
    if (clock.monotonic() >= until) return
  }
  visitors.push(visitor)
  visitor.perform({ id: plan.actions.length, at: 0, client: at, kind: 'push-until-sent', networkFaults: [] })
  visitor.perform({ id: plan.actions.length, at: 0, client: at, kind: 'who', networkFaults: [] })
  if (stays) return
  await visitor.idle()
  visitors.splice(visitors.indexOf(visitor), 1)
  await visitor.leave()
}

const endOf = (fault: PlannedFault | ClusterFault): number => {
  const lasts = 'down' in fault ? fault.down : 'ms' in fault ? fault.ms : 0
  return fault.at + 10_000 + lasts
}
