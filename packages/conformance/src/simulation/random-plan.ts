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
  [1, 'who'],
]
const actionPool = weightedActions.flatMap(([weight, kind]) => Array.from({ length: weight }, () => kind))

const clientKinds: readonly ClientKind[] = ['keyed', 'keyed', 'keyed', 'unkeyed', 'local', 'local', 'legacy']

/** Faults by which sessions are away, lapse and end. */
interface AbsenceRates {
  readonly sleeps: number
  readonly halfOpens: number
  readonly forgets: number
  readonly takeNamePercent: number
}

/** Makes the plan of a seed. */
export function randomPlan(seed: number): SimulationPlan {
  const random = new Random(seed)
  // A second generator, so that a change of one kind of faults leaves the others as they were.
  const absence = new Random(seed ^ 0xab5e)
  const absenceRates: AbsenceRates = {
    sleeps: absence.pick([0, 0, 0, 1, 2]),
    halfOpens: absence.pick([0, 0, 0, 1, 2]),
    forgets: absence.pick([0, 0, 0, 0, 1, 2]),
    takeNamePercent: absence.pick([0, 50, 100]),
  }
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
  const anyClients = randomClients(random)
  const isAway = absenceRates.sleeps > 0
  const length = (isAway ? 2.5 : 1) * random.pick([5_000, 40_000, 150_000])
  const clients = withJoinFaults(absence, anyClients, rates)
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
    ...randomAbsences(absence, clients.length, length, absenceRates),
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
    ...(isAway && absence.boolean(15) && { limit: clients.length }),
    ...(absence.boolean(30) && { session_ms: absence.pick([100_000, 150_000]) }),
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

/** Gives some clients faults of their joins. */
function withJoinFaults(random: Random, clients: readonly PlannedClient[], rates: FaultRates): PlannedClient[] {
  const lossy = { ...rates, lostPercent: Math.max(rates.lostPercent, 40), duplicatePercent: 0, abortPercent: 0 }
  return clients.map(client =>
    random.boolean(40)
      ? { ...client, joinFaults: Array.from({ length: 1 + random.below(4) }, () => randomNetworkFault(random, lossy)) }
      : client,
  )
}

function randomAbsences(random: Random, clients: number, length: number, rates: AbsenceRates): PlannedFault[] {
  const anywhere = () => ({ at: random.below(length), client: random.below(clients) })
  const sleeps = times(rates.sleeps, () => ({
    type: 'sleep' as const,
    ...anywhere(),
    ms: random.boolean(20) ? 20_000 + random.below(30_000) : 90_000 + random.below(110_000),
    ...(random.boolean(50) && { clockStops: true as const }),
  }))
  const takers = sleeps.filter(() => random.boolean(rates.takeNamePercent))
  return [
    ...sleeps,
    ...takers.map(({ at, client, ms }) => ({
      type: 'take-name' as const,
      at: at + 60_000,
      client,
      ms,
      ...(random.boolean(50) && { stays: true as const }),
    })),
    ...times(rates.halfOpens, () => ({ type: 'half-open' as const, ...anywhere(), ms: 5_000 + random.below(120_000) })),
    ...times(rates.forgets, () => ({ type: 'forget' as const, ...anywhere() })),
  ]
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
