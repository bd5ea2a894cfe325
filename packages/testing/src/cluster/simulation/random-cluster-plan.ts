import {
  type ClusterFault,
  type ClusterService,
  type PlannedAction,
  Random,
  randomPlan,
  type ServiceFaults,
  type SimulationPlan,
} from '@midsentence/conformance/simulation'

/** Faults of a plan for one server that a plan for a cluster has too. */
const kept: ReadonlySet<string> = new Set(['disconnect', 'kill'])

const services: readonly ClusterService[] = ['logs', 'directory', 'bus']

/** Makes the plan of a seed for two or three servers. */
export function randomClusterPlan(seed: number): SimulationPlan {
  const plan = randomPlan(seed)
  const random = new Random(seed ^ 0x5e7e)
  const length = random.pick([8_000, 16_000, 30_000])
  const last = Math.max(1, ...plan.actions.map(({ at }) => at))
  const scaled = (at: number) => Math.floor((at / last) * length)
  const speeds = Array.from({ length: random.pick([2, 3]) }, () => random.pick([1, 1, 1.1, 1.2]))
  const someServer = () => ({ at: random.below(length), server: random.below(speeds.length) })
  const many = (counts: readonly number[], make: () => ClusterFault) =>
    Array.from({ length: random.pick(counts) }, make)
  const clusterFaults: ClusterFault[] = [
    ...many([0, 0, 1, 2, 3], () => ({ type: 'kill-server', ...someServer(), down: 1 + random.below(8_000) })),
    ...many([0, 1, 1, 2, 3], () => ({
      type: 'stop-server',
      ...someServer(),
      ms: random.pick([1_500, 4_000, 9_000, 20_000]) - random.below(1_400),
    })),
    ...many([0, 0, 1, 2], () => ({ type: 'drain-server', ...someServer(), down: 1 + random.below(3_000) })),
    ...many([0, 0, 1, 2], () => ({
      type: 'cut-server',
      ...someServer(),
      ms: random.pick([1_000, 5_000, 10_000]),
      from: random.pick(services),
    })),
  ]
  // A server that is no owner any more shows it by what it answers.
  const more = Array.from(
    { length: 20 + random.below(30) },
    (_, nth): PlannedAction => ({
      id: plan.actions.length + nth,
      at: random.below(length),
      client: random.below(plan.clients.length),
      kind: random.pick(['check', 'check', 'preview', 'append', 'publish']),
      timeout_ms: 0,
      networkFaults: [],
    }),
  )
  const { limit: _, ...rest } = plan
  const others = plan.faults.filter(({ type }) => kept.has(type))
  return {
    ...rest,
    flush_ms: 0,
    clients: plan.clients.map(client => (client.kind === 'legacy' ? { ...client, kind: 'keyed' } : client)),
    actions: [...plan.actions.map(action => ({ ...action, at: scaled(action.at) })), ...more].sort(
      (a, b) => a.at - b.at,
    ),
    faults: [...others.map(fault => ({ ...fault, at: scaled(fault.at) })), ...clusterFaults].sort(
      (a, b) => a.at - b.at,
    ),
    cluster: {
      speeds,
      services: {
        logs: randomFaults(random, [0, 0, 2, 10]),
        directory: randomFaults(random, [0, 0, 5, 20]),
        bus: randomFaults(random, [0, 0, 0, 2]),
      },
      giveUpMs: random.pick([1_000, 2_500, 8_000]),
      staleMs: random.pick([0, 0, 1_000, 5_000]),
    },
  }
}

const randomFaults = (random: Random, lost: readonly number[]): ServiceFaults => ({
  lostPercent: random.pick(lost),
  slowPercent: random.pick([0, 10, 30]),
  slowMs: random.pick([300, 2_000, 4_500]),
})
