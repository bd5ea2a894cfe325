import type {
  ClientKind,
  NetworkFault,
  PlannedAction,
  PlannedActionKind,
  PlannedClient,
  PlannedFault,
  SimulationPlan,
} from './plan.ts'
import { Random } from './random.ts'

/** Which faults one plan has, and how many. Each plan draws its own rates, so that rare faults meet. */
interface FaultRates {
  readonly lostPercent: number
  readonly slowPercent: number
  readonly duplicatePercent: number
  readonly abortPercent: number
  readonly crashes: number
  readonly disconnects: number
  readonly kills: number
  readonly clockJumps: number
}

const weightedActions: readonly (readonly [weight: number, kind: PlannedActionKind])[] = [
  [10, 'append'],
  [9, 'push'],
  [5, 'push-until-sent'],
  [2, 'hold-floor'],
  [3, 'publish'],
  [4, 'check'],
  [2, 'undo'],
  [1, 'reset'],
  [2, 'preview'],
  [1, 'yield'],
  [1, 'leave'],
  [2, 'batch'],
  [1, 'notify'],
]
const actionPool = weightedActions.flatMap(([weight, kind]) => Array.from({ length: weight }, () => kind))

const clientKinds: readonly ClientKind[] = ['keyed', 'keyed', 'keyed', 'unkeyed', 'local', 'local', 'legacy']

/** Makes the plan of a seed. */
export function randomPlan(seed: number): SimulationPlan {
  const random = new Random(seed)
  const rates: FaultRates = {
    lostPercent: random.pick([0, 0, 5, 25]),
    slowPercent: random.pick([0, 10, 60]),
    duplicatePercent: random.pick([0, 0, 10]),
    abortPercent: random.pick([0, 0, 10]),
    crashes: random.pick([0, 0, 1, 1, 2, 4]),
    disconnects: random.pick([0, 0, 2, 5]),
    kills: random.pick([0, 0, 1, 2]),
    clockJumps: random.pick([0, 0, 0, 1]),
  }
  const clients = randomClients(random)
  const length = random.pick([5_000, 40_000, 150_000])
  const count = 8 + random.below(32)
  const actions = Array.from({ length: count }, (_, id) => randomAction(random, id, clients.length, length, rates))
  const faults = [
    ...times(rates.crashes, () => randomCrash(random, length)),
    ...times(rates.disconnects, () => randomDisconnect(random, clients.length, length)),
    ...times(rates.kills, (): PlannedFault => {
      const client = random.below(clients.length)
      return { type: 'kill', at: random.below(length), client, down: 1 + random.below(5_000) }
    }),
    ...times(rates.clockJumps, (): PlannedFault => {
      const by = random.pick([-86_400_000, -1500, 3_600_000])
      return { type: 'clock-jump', at: random.below(length), by }
    }),
  ]
  return {
    seed,
    settings: {
      policy: random.boolean(12) ? 'annotate' : 'hold',
      floor_ms: random.pick([2_000, 20_000, 60_000]),
      idle_rest: random.pick([1, 10]),
    },
    flush_ms: random.pick([0, 1, 5, 300]),
    tail: random.pick([1, 4, 1000]),
    snapshotEvery: random.pick([
      { records: 2, facts: 3 },
      { records: 10, facts: 10 },
      { records: 1e6, facts: 1e6 },
    ]),
    clients,
    actions: actions.sort((a, b) => a.at - b.at),
    faults: faults.sort((a, b) => a.at - b.at),
  }
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

function randomClients(random: Random): PlannedClient[] {
  const names = ['Ada', 'Ben', 'Cyd', 'Dan', 'Eve', 'Fay'].slice(0, 2 + random.below(5))
  return names.map(name => {
    const kind = random.pick(clientKinds)
    return random.boolean(20) ? { name, kind, stallMs: 100 + random.below(5_000) } : { name, kind }
  })
}

function randomAction(random: Random, id: number, clients: number, length: number, rates: FaultRates): PlannedAction {
  const kind = random.pick(actionPool)
  const action = {
    id,
    at: random.below(length),
    client: random.below(clients),
    kind,
    networkFaults: Array.from({ length: 1 + random.below(3) }, () => randomNetworkFault(random, rates)),
  }
  const waits = kind === 'check' || kind === 'push' || kind === 'publish'
  return {
    ...action,
    ...(random.boolean(10) && { rewindBy: 1 + random.below(4) }),
    ...(waits && random.boolean(50) && { timeout_ms: random.pick([0, 500, 20_000]) }),
  }
}

function randomNetworkFault(random: Random, rates: FaultRates): NetworkFault {
  const latency = (): number | null => {
    if (random.boolean(rates.lostPercent)) return null
    return random.boolean(rates.slowPercent) ? random.below(3_000) : random.below(10)
  }
  const fault = { requestMs: latency(), responseMs: latency() }
  return {
    ...fault,
    ...(random.boolean(rates.duplicatePercent) && { duplicateMs: random.below(2_000) }),
    ...(random.boolean(rates.abortPercent) && { abortMs: random.below(2_000) }),
  }
}

function randomCrash(random: Random, length: number): PlannedFault {
  const at = random.below(length)
  const down = 1 + random.below(4_000)
  if (random.boolean(25)) return { type: 'restart', at, down }
  return { type: 'crash', at, down, room: random.below(3), sessions: random.below(3) }
}

function randomDisconnect(random: Random, clients: number, length: number): PlannedFault {
  const [at, client, ms] = [random.below(length), random.below(clients), 1 + random.below(8_000)]
  const fault = { type: 'disconnect' as const, at, client, ms }
  return random.boolean(30) ? { ...fault, silent: true } : fault
}
