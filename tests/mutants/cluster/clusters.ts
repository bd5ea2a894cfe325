import type { RuleId } from '@midsentence/conformance'
import type { ClusterService, SimulationPlan } from '@midsentence/conformance/simulation'
import { type ScriptedPlanName, scriptedPlans } from '@midsentence/testing/cluster/simulation/scripted-plans'
import { loadSimulation, type SourceChange } from './planted-source.ts'

/** A bug in an otherwise right cluster of servers that a simulated history shows. */
export interface ClusterMutant {
  readonly name: string
  readonly breaks: RuleId
  /** The scripted plan that shows it. */
  readonly plan: ScriptedPlanName
  readonly changes: readonly SourceChange[]
  /** Random plans do not show it, or one of more than a thousand. */
  readonly scriptedOnly?: true
  /** What every plan has, where few random plans have it. */
  readonly stress?: Stress
}

interface Stress {
  /** A service that often is slow. */
  readonly slow?: ClusterService
  /** How old a list of the servers is at most, in milliseconds. */
  readonly staleMs?: number
}

const logs = (from: string, to: string): SourceChange => ({ file: 'simulation/simulated-logs.ts', from, to })
const ownedRoom = (from: string, to: string): SourceChange => ({ file: 'owner/owned-room.ts', from, to })
const lease = (from: string, to: string): SourceChange => ({ file: 'owner/lease.ts', from, to })

/** Random plans begin here. */
const FIRST_SEED = 100_000

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
  {
    name: 'appends do not depend on the owner',
    plan: 'the owner stops, another server sends, and the owner sends when it goes on',
    breaks: 'L2',
    changes: unconditional,
  },
  {
    name: 'the lease is trusted for writes',
    plan: 'the owner stops, another server sends, and the owner sends when it goes on',
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
    plan: 'the owner stops, another server sends, and the owner is asked before it goes on',
    breaks: 'L6',
    changes: [ownedRoom('value => (this.#isSure ? value : this.#makeSure().then(() => value))', 'value => value')],
  },
  {
    name: 'a claim appends no owner record',
    plan: 'the owner stops, another server gets text, and the owner is asked for it',
    breaks: 'D1',
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
    plan: 'the answer to an append of the owner is lost',
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
    plan: 'the owner is killed, and a call comes through a server that remembers it',
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
    plan: 'the owner stops, another server sends, and the owner is asked before it goes on',
    breaks: 'L6',
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
    plan: 'a renewal of the owner is confirmed late, and the owner is asked after another server sent',
    breaks: 'L6',
    scriptedOnly: true,
    changes: [lease('this.#until = began + times.term_ms', 'this.#until = clock.monotonic() + times.term_ms')],
  },
  {
    name: 'an entry is evicted though it was renewed',
    plan: 'the owner goes on before its eviction arrives',
    breaks: 'L6',
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
    plan: 'the owner comes back during a slow claim of another server',
    breaks: 'L6',
    stress: { slow: 'logs' },
    changes: [ownedRoom('await logs.claim(name, id, owner => deps.mayTake(owner))', 'await logs.claim(name, id)')],
  },
  {
    name: 'a claim that was refused is made again without asking',
    plan: 'the owner comes back between the read and the write of a slow claim',
    breaks: 'L6',
    scriptedOnly: true,
    changes: [
      logs(
        'for (;;) {\n      const { last, owner }',
        'for (let asked = false; ; asked = true) {\n      const { last, owner }',
      ),
      logs('if (!(await mayTake(owner)))', 'if (!asked && !(await mayTake(owner)))'),
    ],
  },
]

/** Returns `plan` with the faults that a mutant needs. */
function stressed(plan: SimulationPlan, { slow, staleMs }: Stress = {}): SimulationPlan {
  const { services, ...cluster } = plan.cluster!
  const slowed = slow && { [slow]: { ...services[slow], slowPercent: 50, slowMs: 4_500 } }
  return {
    ...plan,
    cluster: { ...cluster, services: { ...services, ...slowed }, ...(staleMs !== undefined && { staleMs }) },
  }
}

/** Plants a bug, and returns the rules that the cluster breaks in its scripted plan. */
export async function brokenByScript({ changes, plan }: ClusterMutant): Promise<RuleId[]> {
  const { simulate } = await loadSimulation(changes)
  const { violations } = await simulate(scriptedPlans[plan])
  return violations.map(({ rule }) => rule)
}

/** Plants a bug, and returns how many random plans the cluster runs until it breaks a rule. Undefined if it breaks none. */
export async function plansUntilBroken({ changes, stress }: ClusterMutant, most: number): Promise<number | undefined> {
  const { randomPlan, simulate } = await loadSimulation(changes)
  for (let nth = 0; nth < most; nth++) {
    const { violations } = await simulate(stressed(randomPlan(FIRST_SEED + nth), stress))
    if (violations.length > 0) return nth + 1
  }
  return undefined
}
