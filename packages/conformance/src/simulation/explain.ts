import type { Deed, Disaster, Plan } from './plan.ts'
import { type PlayOptions, play } from './play.ts'
import { type ShrinkOptions, shrink } from './shrink.ts'
import type { Violation } from './stage.ts'

/** A history that breaks a rule, made as small as it goes. */
export interface Explained {
  /** What the whole plan broke. */
  readonly violations: readonly Violation[]
  readonly smallest: Plan
  /** What the smallest plan broke, the first of `violations`' rules among them. */
  readonly shown: readonly Violation[]
  /** What happens in the smallest plan, a line a moment, for a person to follow. */
  readonly trace: readonly string[]
}

/** Plays `plan` and, where it breaks a rule, finds the smallest plan that breaks the same one; undefined where it breaks none. */
export async function explain(
  plan: Plan,
  { sabotage, ...options }: Pick<PlayOptions, 'sabotage'> & ShrinkOptions = {},
): Promise<Explained | undefined> {
  const broken = sabotage ? { sabotage } : {}
  const { violations } = await play(plan, broken)
  const rule = violations[0]?.rule
  if (rule === undefined) return undefined
  const shows = async (smaller: Plan) => (await play(smaller, broken)).violations.some(found => found.rule === rule)
  const smallest = await shrink(plan, shows, options)
  const { violations: shown, trace } = await play(smallest, { ...broken, traced: true })
  return { violations, smallest, shown, trace }
}

/** What an explained history says to a person: which rule, what was to happen, and what did. */
export function* telling({ shown, smallest, trace }: Explained): Generator<string> {
  const { people, deeds, disasters, settings, flush_ms, tail, sums } = smallest
  for (const { rule, what } of shown) yield `${rule}: ${what}`
  yield ''
  const how = [`a flush takes ${flush_ms} ms`, `${tail} texts stay in memory`, `sums ${sums.records} and ${sums.facts}`]
  yield `Who takes part: ${people.map(({ name, manner, slow }) => `${name} (${manner}${slow ? ', slow' : ''})`).join(', ')}.`
  yield `The room: ${JSON.stringify(settings)}; ${how.join('; ')}.`
  yield deeds.length + disasters.length > 0
    ? 'What was to happen:'
    : 'Nothing was to happen but that each says one thing at the end.'
  for (const deed of deeds) yield `${at(deed)}  ${people[deed.who]?.name.padEnd(6)}  ${deed.does}${besides(deed)}`
  for (const disaster of disasters) {
    const name = 'who' in disaster ? people[disaster.who]?.name : 'server'
    yield `${at(disaster)}  ${name?.padEnd(6)}  ${disaster.type}${besides(disaster)}`
  }
  yield ''
  yield 'What happened:'
  yield* trace
}

const at = ({ at }: Deed | Disaster): string => (at / 1000).toFixed(3).padStart(9)

function besides(happening: Deed | Disaster): string {
  const {
    at: _,
    who: __,
    does: ___,
    type: ____,
    n: _____,
    fates,
    ...rest
  } = { fates: [], ...happening } as Partial<Deed & Disaster> & { readonly n?: number; readonly does?: string }
  const more = Object.entries(rest).map(([name, value]) => `${name} ${value}`)
  const fate = (fates ?? []).map(fate => JSON.stringify(fate))
  return [...more, ...fate].map(text => `, ${text}`).join('')
}
