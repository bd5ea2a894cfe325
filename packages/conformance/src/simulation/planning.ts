import { Chance } from './chance.ts'
import type { Deed, Disaster, Doing, Fate, Manner, Person, Plan } from './plan.ts'

/** What may happen in one history: each has a share of everything there is, so that rare things meet. */
interface Weather {
  readonly lost: number
  readonly slow: number
  readonly twice: number
  readonly gone: number
  readonly crashes: number
  readonly cuts: number
  readonly kills: number
  readonly jumps: number
}

const doings: readonly (readonly [weight: number, does: Doing])[] = [
  [10, 'append'],
  [9, 'push'],
  [5, 'insist'],
  [2, 'sit'],
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
const lottery = doings.flatMap(([weight, does]) => Array.from({ length: weight }, () => does))

const manners: readonly Manner[] = ['keyed', 'keyed', 'keyed', 'careless', 'own', 'own', 'free']

/** The history of one seed. */
export function planOf(seed: number): Plan {
  const chance = new Chance(seed)
  const weather: Weather = {
    lost: chance.pick([0, 0, 5, 25]),
    slow: chance.pick([0, 10, 60]),
    twice: chance.pick([0, 0, 10]),
    gone: chance.pick([0, 0, 10]),
    crashes: chance.pick([0, 0, 1, 1, 2, 4]),
    cuts: chance.pick([0, 0, 2, 5]),
    kills: chance.pick([0, 0, 1, 2]),
    jumps: chance.pick([0, 0, 0, 1]),
  }
  const people = peopleOf(chance)
  const length = chance.pick([5_000, 40_000, 150_000])
  const count = 8 + chance.below(32)
  const deeds = Array.from({ length: count }, (_, n) => deedOf(chance, n, people.length, length, weather))
  const disasters = [
    ...times(weather.crashes, () => crashOf(chance, length)),
    ...times(weather.cuts, () => cutOf(chance, people.length, length)),
    ...times(weather.kills, (): Disaster => {
      const who = chance.below(people.length)
      return { type: 'killed', at: chance.below(length), who, down: 1 + chance.below(5_000) }
    }),
    ...times(weather.jumps, (): Disaster => {
      const by = chance.pick([-86_400_000, -1500, 3_600_000])
      return { type: 'clock', at: chance.below(length), by }
    }),
  ]
  return {
    seed,
    settings: {
      policy: chance.often(12) ? 'annotate' : 'hold',
      floor_ms: chance.pick([2_000, 20_000, 60_000]),
      idle_rest: chance.pick([1, 10]),
    },
    flush_ms: chance.pick([0, 1, 5, 300]),
    tail: chance.pick([1, 4, 1000]),
    sums: chance.pick([
      { records: 2, facts: 3 },
      { records: 10, facts: 10 },
      { records: 1e6, facts: 1e6 },
    ]),
    people,
    deeds: deeds.sort((a, b) => a.at - b.at),
    disasters: disasters.sort((a, b) => a.at - b.at),
  }
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

function peopleOf(chance: Chance): Person[] {
  const names = ['Ada', 'Ben', 'Cyd', 'Dan', 'Eve', 'Fay'].slice(0, 2 + chance.below(5))
  return names.map(name => {
    const manner = chance.pick(manners)
    return chance.often(20) ? { name, manner, slow: 100 + chance.below(5_000) } : { name, manner }
  })
}

function deedOf(chance: Chance, n: number, people: number, length: number, weather: Weather): Deed {
  const does = chance.pick(lottery)
  const deed = {
    n,
    at: chance.below(length),
    who: chance.below(people),
    does,
    fates: Array.from({ length: 1 + chance.below(3) }, () => fateOf(chance, weather)),
  }
  const waits = does === 'check' || does === 'push' || does === 'publish'
  return {
    ...deed,
    ...(chance.often(10) && { again: 1 + chance.below(4) }),
    ...(waits && chance.often(50) && { timeout_ms: chance.pick([0, 500, 20_000]) }),
  }
}

function fateOf(chance: Chance, { lost, slow, twice, gone }: Weather): Fate {
  const travel = (): number | null => {
    if (chance.often(lost)) return null
    return chance.often(slow) ? chance.below(3_000) : chance.below(10)
  }
  const fate = { out: travel(), back: travel() }
  return {
    ...fate,
    ...(chance.often(twice) && { again: chance.below(2_000) }),
    ...(chance.often(gone) && { gone: chance.below(2_000) }),
  }
}

function crashOf(chance: Chance, length: number): Disaster {
  const at = chance.below(length)
  const down = 1 + chance.below(4_000)
  if (chance.often(25)) return { type: 'restart', at, down }
  return { type: 'crash', at, down, room: chance.below(3), sessions: chance.below(3) }
}

function cutOf(chance: Chance, people: number, length: number): Disaster {
  const cut = { type: 'cut' as const, at: chance.below(length), who: chance.below(people), ms: 1 + chance.below(8_000) }
  return chance.often(30) ? { ...cut, silent: true } : cut
}
