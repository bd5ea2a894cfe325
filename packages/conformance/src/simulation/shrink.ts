import type { Person, Plan } from './plan.ts'

/** Does a plan still show what was found? */
export type Shows = (plan: Plan) => Promise<boolean>

export interface ShrinkOptions {
  /** So many smaller plans are tried at the most. Default 2000. */
  readonly tries?: number
  /** Is told how many were tried. */
  readonly progress?: (tried: number, smallest: Plan) => void
}

/**
 * The smallest plan found that still `shows` it: fewer disasters, deeds and people, and what is left as plain as it can
 * be. The same plan shrinks to the same plan each time. It does not promise that there is none smaller.
 */
export async function shrink(plan: Plan, shows: Shows, { tries = 2000, progress }: ShrinkOptions = {}): Promise<Plan> {
  let smallest = plan
  let tried = 0
  for (let better = true; better; ) {
    better = false
    for (const steps of [withoutPart, withoutPerson, plainer]) {
      // Where a step helped, those behind it are tried on what it led to.
      for (let at = 0; ; ) {
        const smaller = nth(steps(smallest), at)
        if (!smaller) break
        if (tried >= tries) return smallest
        tried++
        progress?.(tried, smallest)
        if (await shows(smaller)) {
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

/** Without a run of disasters or deeds: long ones first. */
function* withoutPart(plan: Plan): Generator<Plan> {
  for (const disasters of shorter(plan.disasters)) yield { ...plan, disasters }
  for (const deeds of shorter(plan.deeds)) yield { ...plan, deeds }
}

function* shorter<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let size = list.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < list.length; at += size) yield [...list.slice(0, at), ...list.slice(at + size)]
  }
}

/** Without one of the people, and without all they did and suffered. */
function* withoutPerson(plan: Plan): Generator<Plan> {
  if (plan.people.length < 2) return
  for (const gone of plan.people.keys()) {
    const stays = <T extends object>(thing: T): boolean => !('who' in thing) || thing.who !== gone
    const moved = <T extends object>(thing: T): T =>
      'who' in thing && Number(thing.who) > gone ? { ...thing, who: Number(thing.who) - 1 } : thing
    yield {
      ...plan,
      people: plan.people.filter((_, at) => at !== gone),
      deeds: plan.deeds.filter(stays).map(moved),
      disasters: plan.disasters.filter(stays).map(moved),
    }
  }
}

/** With one thing less that is out of the ordinary. */
function* plainer(plan: Plan): Generator<Plan> {
  if (Object.keys(plan.settings).length > 0) yield { ...plan, settings: {} }
  if (plan.flush_ms > 0) yield { ...plan, flush_ms: 0 }
  if (plan.tail < 1000) yield { ...plan, tail: 1000 }
  if (plan.sums.records < 1e6) yield { ...plan, sums: { records: 1e6, facts: 1e6 } }
  for (const [at, { name, manner, slow }] of plan.people.entries()) {
    const people = (person: Person) => ({ ...plan, people: plan.people.with(at, person) })
    if (slow !== undefined) yield people({ name, manner })
    if (manner !== 'keyed') yield people({ name, manner: 'keyed', ...(slow !== undefined && { slow }) })
  }
  for (const [at, deed] of plan.deeds.entries()) {
    const deeds = (change: object) => ({ ...plan, deeds: plan.deeds.with(at, { ...deed, ...change }) })
    const { again, timeout_ms, ...less } = deed
    if (deed.fates.length > 0) yield deeds({ fates: [] })
    for (const fates of shorter(deed.fates)) if (fates.length > 0) yield deeds({ fates })
    if (again !== undefined || timeout_ms !== undefined) yield { ...plan, deeds: plan.deeds.with(at, less) }
    if (deed.does === 'insist') yield deeds({ does: 'push' })
  }
}
