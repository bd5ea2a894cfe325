import type { RuleId } from '@midsentence/conformance'
import type { SimulationPlan } from '@midsentence/conformance/simulation'
import { loadSimulation, type SourceChange } from './planted-source.ts'

/** A bug in an otherwise right cluster of servers that a simulated history shows. */
export interface ClusterMutant {
  readonly name: string
  readonly breaks: RuleId
  /** A seed whose plan shows it. */
  readonly first: number
  readonly changes: readonly SourceChange[]
  /** What every plan has, where few random plans have it. */
  readonly stress?: Stress
}

interface Stress {
  readonly slowLogs?: true
  /** How old a list of the servers is at most, in milliseconds. */
  readonly staleMs?: number
}

const logs = (from: string, to: string): SourceChange => ({ file: 'simulation/simulated-logs.ts', from, to })
const ownedRoom = (from: string, to: string): SourceChange => ({ file: 'owner/owned-room.ts', from, to })
const lease = (from: string, to: string): SourceChange => ({ file: 'owner/lease.ts', from, to })

/** Appends after any record. */
const unconditional: readonly SourceChange[] = [
  {
    file: 'simulation/simulated-subject.ts',
    from: 'if (expected !== this.#last) return { refused: true }',
    to: '',
  },
  logs('await log.append(name, copy, expected)', 'await log.append(name, copy, await log.head(name))'),
  logs('await sessions.append(name, copy, expected)', 'await sessions.append(name, copy, await sessions.head(name))'),
]

/** Bugs that stopped servers, lost answers, slow requests or different clocks show. */
export const brokenClusters: readonly ClusterMutant[] = [
  { name: 'appends do not depend on the owner', first: 100007, breaks: 'L2', changes: unconditional },
  {
    name: 'the lease is trusted for writes',
    first: 100014,
    breaks: 'L2',
    changes: [
      ...unconditional,
      ownedRoom(
        'const { log, sessions } = await logs.claim(name, id, owner => deps.mayTake(owner))',
        `const owned_ = await logs.claim(name, id, owner => deps.mayTake(owner))
         const whileHeld = append => async (...args) => {
           if (!lease.holds) throw ownerLost()
           return append(...args)
         }
         const log = { ...owned_.log, append: whileHeld(owned_.log.append) }
         const sessions = { ...owned_.sessions, append: whileHeld(owned_.sessions.append) }`,
      ),
    ],
  },
  {
    name: 'the lease is not checked for answers',
    first: 100013,
    breaks: 'L6',
    changes: [ownedRoom('value => (this.#isSure ? value : this.#makeSure().then(() => value))', 'value => value')],
  },
  {
    name: 'a claim appends no owner record',
    first: 100024,
    breaks: 'W4',
    changes: [
      logs(
        "const seq = await this.#publish(room, 'log', last, () => shared.setOwner(room, id))",
        'const seq = await this.#read(() => (shared.setOwner(room, id), last))',
      ),
      logs("const seq = await this.#publish(room, 'sessions', sessions, () => undefined)", 'const seq = sessions'),
    ],
  },
  {
    name: 'a message without an answer is sent again under a new id',
    first: 100000,
    breaks: 'L2',
    changes: [
      logs(
        'const message = { id, expected, write }',
        `const again = attempt > 1 && { id: this.#shared.newMessageId(), expected: this.#shared.room(room)[subject].last }
         const message = { id, expected, write, ...again }`,
      ),
      ...unconditional.slice(1),
    ],
  },
  {
    name: 'the remembered owner of a room is never dropped',
    first: 100059,
    breaks: 'O1',
    changes: [
      {
        file: 'hub/router.ts',
        from: 'for (const [room, owner] of this.#owners) if (owner === server) this.#owners.delete(room)',
        to: '',
      },
    ],
  },
  {
    name: 'the lease of a stopped server does not end',
    first: 100073,
    breaks: 'W4',
    changes: [
      {
        file: 'simulation/process-clock.ts',
        from: 'return this.#clock.monotonic() * this.#speed',
        to: 'return (this.#clock.monotonic() - this.#stood) * this.#speed',
      },
      {
        file: 'simulation/process-clock.ts',
        from: '  offsetMs = 0',
        to: '  offsetMs = 0; #stood = 0; #since = 0',
      },
      {
        file: 'simulation/process-clock.ts',
        from: 'this.#waiting ??= []',
        to: 'this.#waiting ??= []; this.#since = this.#clock.monotonic()',
      },
      {
        file: 'simulation/process-clock.ts',
        from: 'const waiting = this.#waiting ?? []',
        to: 'const waiting = this.#waiting ?? []; this.#stood += this.#clock.monotonic() - this.#since',
      },
    ],
  },
  {
    name: 'the term of a lease begins when its renewal is confirmed',
    first: 100_106,
    breaks: 'L6',
    changes: [lease('this.#until = began + times.term_ms', 'this.#until = clock.monotonic() + times.term_ms')],
  },
  {
    name: 'an entry is evicted though it was renewed',
    first: 100_047,
    breaks: 'W4',
    stress: { staleMs: 20_000 },
    changes: [
      {
        file: 'simulation/simulated-directory.ts',
        from: 'return this.#link.request(() => this.#shared.delete(id, revision), REQUEST_MS)',
        to: 'return this.#link.request(() => this.#shared.delete(id), REQUEST_MS)',
      },
    ],
  },
  {
    name: 'a room is claimed from an owner that came back',
    first: 100_070,
    breaks: 'W4',
    stress: { slowLogs: true },
    changes: [ownedRoom('await logs.claim(name, id, owner => deps.mayTake(owner))', 'await logs.claim(name, id)')],
  },
]

/** Returns `plan` with the faults that a mutant needs. */
function stressed(plan: SimulationPlan, { slowLogs, staleMs }: Stress = {}): SimulationPlan {
  const { services, ...cluster } = plan.cluster!
  const slowed = slowLogs && { logs: { ...services.logs, slowPercent: 50, slowMs: 4_500 } }
  return {
    ...plan,
    cluster: { ...cluster, services: { ...services, ...slowed }, ...(staleMs !== undefined && { staleMs }) },
  }
}

/** The rules among `ids` that histories of a cluster with a bug break. Stops once all of them are broken. */
export const brokenByClusters =
  ({ changes, stress }: Pick<ClusterMutant, 'changes' | 'stress'>) =>
  async (
    ids: readonly RuleId[],
    { runs = 100, first = 100_000 }: { readonly runs?: number; readonly first?: number },
  ): Promise<RuleId[]> => {
    const { randomPlan, simulate } = await loadSimulation(changes)
    const broken = new Set<RuleId>()
    for (let nth = 0; nth < runs && broken.size < ids.length; nth++) {
      const { violations } = await simulate(stressed(randomPlan(first + nth), stress))
      for (const { rule } of violations) if (ids.includes(rule)) broken.add(rule)
    }
    return [...broken]
  }
