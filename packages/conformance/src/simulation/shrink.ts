import type { ClusterService, PlannedAction, PlannedClient, PlannedCluster, SimulationPlan } from './plan.ts'

/** Tells whether a plan still breaks the rule. */
export type PlanPredicate = (plan: SimulationPlan) => Promise<boolean>

export interface ShrinkOptions {
  /** How many smaller plans are tried at most. Default 2,000. */
  readonly maxTries?: number
  /** Called with the number of plans tried so far. */
  readonly progress?: (tried: number, smallest: SimulationPlan) => void
}

/**
 * Returns the smallest plan found that still meets `breaksRule`: with fewer faults, actions and clients, and each as
 * simple as possible. Deterministic. A smaller plan may exist.
 */
export async function shrink(
  plan: SimulationPlan,
  breaksRule: PlanPredicate,
  { maxTries = 2000, progress }: ShrinkOptions = {},
): Promise<SimulationPlan> {
  let smallest = plan
  let tried = 0
  for (let better = true; better; ) {
    better = false
    for (const steps of [dropRun, dropClient, simplify]) {
      // After a successful step the next one continues with its result.
      for (let at = 0; ; ) {
        const smaller = nth(steps(smallest), at)
        if (!smaller) break
        if (tried >= maxTries) return smallest
        tried++
        progress?.(tried, smallest)
        if (await breaksRule(smaller)) {
          smallest = smaller
          better = true
        } else at++
      }
    }
  }
  return smallest
}

function nth<T>(values: Iterable<T>, at: number): T | undefined {
  let passed = 0
  for (const value of values) if (passed++ === at) return value
  return undefined
}

/** Drops a run of faults or actions, long runs first. */
function* dropRun(plan: SimulationPlan): Generator<SimulationPlan> {
  for (const faults of shorter(plan.faults)) yield { ...plan, faults }
  for (const actions of shorter(plan.actions)) yield { ...plan, actions }
}

function* shorter<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let size = list.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < list.length; at += size) yield [...list.slice(0, at), ...list.slice(at + size)]
  }
}

/** Drops a client with its actions and faults. */
function* dropClient(plan: SimulationPlan): Generator<SimulationPlan> {
  if (plan.clients.length < 2) return
  for (const gone of plan.clients.keys()) {
    const stays = <T extends object>(planned: T): boolean => !('client' in planned) || planned.client !== gone
    const moved = <T extends object>(planned: T): T =>
      'client' in planned && Number(planned.client) > gone
        ? { ...planned, client: Number(planned.client) - 1 }
        : planned
    yield {
      ...plan,
      clients: plan.clients.filter((_, at) => at !== gone),
      actions: plan.actions.filter(stays).map(moved),
      faults: plan.faults.filter(stays).map(moved),
    }
  }
}

/** Replaces one value by its default. */
function* simplify(plan: SimulationPlan): Generator<SimulationPlan> {
  if (Object.keys(plan.settings).length > 0) yield { ...plan, settings: {} }
  if (plan.flush_ms > 0) yield { ...plan, flush_ms: 0 }
  if (plan.tail < 1000) yield { ...plan, tail: 1000 }
  if (plan.snapshotEvery.records < 1e6) yield { ...plan, snapshotEvery: { records: 1e6, facts: 1e6 } }
  const { limit, session_ms, ...rest } = plan
  if (limit !== undefined) yield { ...rest, ...(session_ms !== undefined && { session_ms }) }
  if (session_ms !== undefined) yield { ...rest, ...(limit !== undefined && { limit }) }
  if (plan.cluster) for (const cluster of simpler(plan.cluster)) yield { ...plan, cluster }
  for (const [at, client] of plan.clients.entries()) {
    const withClient = (changed: PlannedClient) => ({ ...plan, clients: plan.clients.with(at, changed) })
    const { stallMs, joinFaults = [], ...plain } = client
    if (stallMs !== undefined) yield withClient({ ...plain, joinFaults })
    for (const fewer of shorter(joinFaults)) yield withClient({ ...client, joinFaults: fewer })
    if (client.kind !== 'keyed') yield withClient({ ...client, kind: 'keyed' })
  }
  for (const [at, action] of plan.actions.entries()) {
    const withAction = (change: Partial<PlannedAction>) => ({
      ...plan,
      actions: plan.actions.with(at, { ...action, ...change }),
    })
    const { rewindBy, timeout_ms, ...less } = action
    if (action.networkFaults.length > 0) yield withAction({ networkFaults: [] })
    for (const networkFaults of shorter(action.networkFaults))
      if (networkFaults.length > 0) yield withAction({ networkFaults })
    if (rewindBy !== undefined || timeout_ms !== undefined) yield { ...plan, actions: plan.actions.with(at, less) }
    if (action.kind === 'push-until-sent') yield withAction({ kind: 'push' })
  }
}

/** Leaves one fault of a cluster out. */
function* simpler(cluster: PlannedCluster): Generator<PlannedCluster> {
  const { speeds, services, staleMs } = cluster
  if (speeds.length > 2) yield { ...cluster, speeds: speeds.slice(0, -1) }
  if (speeds.some(speed => speed !== 1)) yield { ...cluster, speeds: speeds.map(() => 1) }
  if (staleMs > 0) yield { ...cluster, staleMs: 0 }
  for (const name of Object.keys(services) as ClusterService[]) {
    const faults = services[name]
    const withFaults = (change: object) => ({ ...cluster, services: { ...services, [name]: { ...faults, ...change } } })
    if (faults.lostPercent > 0) yield withFaults({ lostPercent: 0 })
    if (faults.slowPercent > 0) yield withFaults({ slowPercent: 0, slowMs: 0 })
  }
}
