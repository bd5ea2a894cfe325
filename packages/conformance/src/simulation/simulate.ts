import { type Clock, memoryLog, memorySessions, virtualClock } from '@midsentence/core'
import { checkHistory, historyRecorder, type LogEntry } from '../history/index.ts'
import { CrashableLogs } from '../kit/crashable-logs.ts'
import { HostedClient } from './clients/hosted-client.ts'
import { LegacyDialectClient } from './clients/legacy-dialect-client.ts'
import { LocalClient } from './clients/local-client.ts'
import { Network } from './network.ts'
import type { PlannedClient, PlannedFault, SimulationPlan } from './plan.ts'
import { repeatedTexts } from './repeated-texts.ts'
import { type ServerOverrides, SimulatedServer } from './server.ts'
import type { SimulatedClient, SimulationContext, Violation } from './simulation-context.ts'
import { SimulationTrace } from './trace.ts'

export interface SimulationOptions {
  /** Records a trace. Default false. */
  readonly trace?: boolean
  /** Parts of the server to replace. */
  readonly overrides?: ServerOverrides
}

export interface SimulationResult {
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
  /** How many messages the room has at the end. */
  readonly messages: number
}

/** Long enough for every wait to end after the last fault. */
const FINISH_TIMEOUT_MS = 2_000_000
/** How far the clock moves before the next check whether all clients are done. */
const STEP_MS = 20_000

/** Runs a plan to its end and returns the rules that it broke. */
export async function simulate(
  plan: SimulationPlan,
  { trace: isTraced = false, overrides = {} }: SimulationOptions = {},
): Promise<SimulationResult> {
  const clock = virtualClock()
  const trace = new SimulationTrace(isTraced ? clock : undefined)
  const durability = 'flushed'
  const logs = new CrashableLogs(
    {
      log: { ...memoryLog(`simulated ${plan.seed}`), durability },
      sessions: { ...memorySessions(), durability },
    },
    plan.flush_ms > 0 ? { flush: () => after(clock, plan.flush_ms) } : {},
  )
  const server = new SimulatedServer(plan, clock, logs, overrides)
  const network = new Network(clock, server, trace)
  const violations: Violation[] = []
  const context: SimulationContext = {
    plan,
    clock,
    server,
    network,
    trace,
    recorder: historyRecorder(() => clock.monotonic()),
    report: (rule, what) => {
      trace.line('rule', `${rule}: ${what}`)
      violations.push({ rule, what })
    },
  }
  const ignoringHolds: string[] = []
  const restarts: number[] = []
  await server.start()
  const clients = plan.clients.map(planned => clientFor(context, planned, ignoringHolds))
  await joinAll(context, clients)
  for (const action of plan.actions) clock.after(action.at, () => clients[action.client]?.perform(action))
  for (const fault of plan.faults) clock.after(fault.at, () => applyFault(context, clients, fault, restarts))
  const last = Math.max(0, ...plan.actions.map(({ at }) => at), ...plan.faults.map(endOf))
  await clock.advance(last + 1)

  network.reliable = true
  trace.line('', 'No more faults from here on.')
  let finished = false
  const finishing = Promise.all(clients.map(client => client.finish())).then(() => {
    finished = true
  })
  for (let waited = 0; !finished && waited < FINISH_TIMEOUT_MS; waited += STEP_MS) await clock.advance(STEP_MS)
  if (finished) await finishing
  else context.report('O1', 'A client still waits for an answer, long after the last fault.')

  const messages = await server.messages()
  const sessions: string[] = []
  for await (const record of logs.room.records('lobby')) if (record.type === 'message') sessions.push(record.session)
  const log: LogEntry[] = messages.map((message, at) => ({ ...message, session: sessions[at]! }))
  const history = context.recorder.history({ settings: plan.settings, log, ignoringHolds, restarts })
  for (const { rule, what } of [...checkHistory(history), ...repeatedTexts(log)]) context.report(rule, what)
  server.process?.clock.end()
  return { violations, trace: trace.lines, messages: messages.length }
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
    const joining = client.join()
    await clock.advance(plan.flush_ms + 1)
    await joining
  }
}

function applyFault(
  context: SimulationContext,
  clients: readonly SimulatedClient[],
  fault: PlannedFault,
  restarts: number[],
): void {
  const { clock, server, trace } = context
  switch (fault.type) {
    case 'crash':
    case 'restart': {
      if (!server.process) return
      const { down } = fault
      const how =
        fault.type === 'crash' ? `crashes, ${fault.room} and ${fault.sessions} unflushed writes survive` : 'closes'
      trace.line('server', `${how}; it starts again in ${down} ms`)
      const ending =
        fault.type === 'crash'
          ? server.crash(fault.room, fault.sessions)
          : server.stop(() => new Promise(resolve => clock.after(context.plan.flush_ms * 20 + 1, () => resolve())))
      const delay = Math.max(down, fault.type === 'restart' ? context.plan.flush_ms * 20 + 2 : 0)
      restarts.push(clock.monotonic())
      clock.after(delay, () => {
        void ending
          .then(() => server.start())
          .then(() => {
            restarts.push(clock.monotonic())
            trace.line('server', 'has started again')
          })
      })
      return
    }
    case 'disconnect':
      return clients[fault.client]?.disconnect?.(fault.ms, fault.silent === true)
    case 'kill':
      return clients[fault.client]?.kill?.(fault.down)
    case 'clock-jump':
      trace.line('server', `its wall clock jumps by ${fault.by} ms`)
      return server.jump(fault.by)
  }
}

const endOf = (fault: PlannedFault): number => {
  const lasts = 'down' in fault ? fault.down : 'ms' in fault ? fault.ms : 0
  return fault.at + 10_000 + lasts
}

const after = (clock: Clock, ms: number): Promise<void> => new Promise(resolve => void clock.after(ms, resolve))
