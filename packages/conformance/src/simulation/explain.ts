import type { ClusterFault, PlannedAction, PlannedFault, SimulationPlan } from './plan.ts'
import { type ShrinkOptions, shrink } from './shrink.ts'
import { type SimulationOptions, simulate } from './simulate.ts'
import type { Violation } from './simulation-context.ts'

/** A plan that breaks a rule, shrunk. */
export interface Explanation {
  /** The violations of the whole plan. */
  readonly violations: readonly Violation[]
  readonly smallest: SimulationPlan
  /** The violations of the smallest plan. The rule of the first of `violations` is among them. */
  readonly remaining: readonly Violation[]
  /** What happens in the smallest plan, one event a line, in order. */
  readonly trace: readonly string[]
}

/** Simulates `plan` and shrinks it to the smallest plan found that breaks the same rule. Undefined if it breaks none. */
export async function explain(
  plan: SimulationPlan,
  { overrides, clientOverrides, serverFor, ...options }: Omit<SimulationOptions, 'trace'> & ShrinkOptions = {},
): Promise<Explanation | undefined> {
  const server = {
    ...(overrides && { overrides }),
    ...(clientOverrides && { clientOverrides }),
    ...(serverFor && { serverFor }),
  }
  const { violations } = await simulate(plan, server)
  const rule = violations[0]?.rule
  if (rule === undefined) return undefined
  const breaksRule = async (smaller: SimulationPlan) =>
    (await simulate(smaller, server)).violations.some(found => found.rule === rule)
  const smallest = await shrink(plan, breaksRule, options)
  const { violations: remaining, trace } = await simulate(smallest, { ...server, trace: true })
  return { violations, smallest, remaining, trace }
}

/** Writes an explanation as lines for a person: the broken rules, the plan and what happened. */
export function* explanationLines({ remaining, smallest, trace }: Explanation): Generator<string> {
  const { clients, actions, faults, settings, flush_ms, tail, snapshotEvery, limit, session_ms, cluster } = smallest
  for (const { rule, what } of remaining) yield `${rule}: ${what}`
  yield ''
  const { records, facts } = snapshotEvery
  const server = [
    `a flush takes ${flush_ms} ms`,
    `${tail} texts in memory`,
    `snapshots every ${records} records and ${facts} facts`,
    ...(limit === undefined ? [] : [`${limit} places`]),
    ...(session_ms === undefined ? [] : [`sessions live for ${session_ms} ms`]),
  ]
  yield `Clients: ${clients.map(({ name, kind, stallMs }) => `${name} (${kind}${stallMs ? ', slow' : ''})`).join(', ')}.`
  if (cluster) yield `Cluster: ${JSON.stringify(cluster)}.`
  yield `Room: ${JSON.stringify(settings)}; ${server.join('; ')}.`
  yield actions.length + faults.length > 0 ? 'Plan:' : 'Plan: each client sends one message at the end.'
  for (const { name, joinFaults = [] } of clients)
    if (joinFaults.length > 0) yield `           ${name.padEnd(6)}  join faults ${JSON.stringify(joinFaults)}`
  for (const action of actions)
    yield `${timeOf(action)}  ${clients[action.client]?.name.padEnd(6)}  ${action.kind}${details(action)}`
  for (const fault of faults) {
    const server = 'server' in fault ? `server ${fault.server}` : 'server'
    const name = 'client' in fault ? clients[fault.client]?.name : server
    yield `${timeOf(fault)}  ${name?.padEnd(6)}  ${fault.type}${details(fault)}`
  }
  yield ''
  yield 'What happened:'
  yield* trace
}

const timeOf = ({ at }: PlannedAction | PlannedFault | ClusterFault): string => (at / 1000).toFixed(3).padStart(9)

function details(planned: PlannedAction | PlannedFault | ClusterFault): string {
  const hidden = ['id', 'at', 'client', 'kind', 'type', 'networkFaults']
  const rest = Object.entries(planned).filter(([name]) => !hidden.includes(name))
  const networkFaults = 'networkFaults' in planned ? planned.networkFaults : []
  return [...rest.map(([name, value]) => `${name} ${value}`), ...networkFaults.map(fault => JSON.stringify(fault))]
    .map(text => `, ${text}`)
    .join('')
}
