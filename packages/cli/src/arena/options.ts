import type * as Arena from '@midsentence/arena'
import type { CoordinationPolicy, Lineup, Scenario, WriterProfile, WriterTraits } from '@midsentence/arena'
import { joinWords } from '../join-words.ts'
import { usageError } from '../usage-error.ts'

/** The package, which is loaded only when the command runs. */
export type ArenaPackage = typeof Arena

/** The options of traits: how authors read, think and write. */
const traitOptions = {
  first_token_ms: 'first-token-ms',
  input_tokens_per_s: 'input-tokens-per-s',
  output_tokens_per_s: 'output-tokens-per-s',
  notices: 'notices',
  repairs: 'repairs',
  keeps: 'keeps',
} as const satisfies Record<keyof WriterTraits, string>

export const traitNames = Object.keys(traitOptions) as readonly (keyof WriterTraits)[]

/** Writes a trait as its option takes it: `repairs 0.5` or `repairs 0.5-0.9`. */
export function formatTrait(trait: keyof WriterTraits, profile: WriterProfile): string {
  const [least, most] = profile[trait]
  return `${traitOptions[trait]} ${least === most ? least : `${least}-${most}`}`
}

export const arenaOptions = {
  scenario: { type: 'string' },
  policy: { type: 'string' },
  against: { type: 'string' },
  seeds: { type: 'string' },
  first: { type: 'string' },
  seed: { type: 'string' },
  participants: { type: 'string' },
  lineup: { type: 'string' },
  writers: { type: 'string' },
  'first-token-ms': { type: 'string' },
  'input-tokens-per-s': { type: 'string' },
  'output-tokens-per-s': { type: 'string' },
  notices: { type: 'string' },
  repairs: { type: 'string' },
  keeps: { type: 'string' },
  trace: { type: 'boolean' },
  record: { type: 'string' },
  json: { type: 'string' },
  list: { type: 'boolean' },
  live: { type: 'boolean' },
  model: { type: 'string' },
  'base-url': { type: 'string' },
  'api-key-env': { type: 'string' },
  temperature: { type: 'string' },
  'max-tokens': { type: 'string' },
  runs: { type: 'string' },
  'budget-tokens': { type: 'string' },
  minutes: { type: 'string' },
  resume: { type: 'boolean' },
} as const

export type ArenaFlags = {
  readonly [K in keyof typeof arenaOptions]?:
    | ((typeof arenaOptions)[K]['type'] extends 'boolean' ? boolean : string)
    | undefined
}

/** What is played: each scenario, under each policy, with each seed. */
export interface ArenaSettings {
  readonly scenarios: readonly Scenario[]
  readonly policies: readonly CoordinationPolicy[]
  /** The policy with which the others are compared. One of `policies`. */
  readonly against?: CoordinationPolicy
  readonly first: number
  readonly seeds: number
  readonly participants: number
  readonly lineup: Lineup
  /** The name of the profile, before traits were changed. */
  readonly writers: keyof typeof Arena.profiles
  readonly profile: WriterProfile
}

const DEFAULT_SCENARIO = 'pooled-numbers'
/** With all policies and four participants this takes some 10 s. */
const DEFAULT_SEEDS = 40
const MAX_SEED = 0x7fffffff

/** Reads the options. Throws a usage error that names what is allowed. */
export function readArenaSettings(flags: ArenaFlags, arena: ArenaPackage): ArenaSettings {
  const isSingle = flags.trace === true || flags.record !== undefined
  const scenarios = pickNamed(flags.scenario ?? DEFAULT_SCENARIO, '--scenario', arena.allScenarios)
  const chosen = pickNamed(flags.policy ?? (isSingle ? 'hold' : 'all'), '--policy', arena.policies)
  const against = flags.against === undefined ? undefined : pickOne(flags.against, '--against', namesOf(arena.policies))
  const base = against === undefined ? undefined : arena.policies.find(({ name }) => name === against)!
  const lineups = Object.keys(arena.lineups) as Lineup[]
  const profiles = Object.keys(arena.profiles) as (keyof typeof arena.profiles)[]
  const writers = pickOne(flags.writers ?? 'hosted', '--writers', profiles)
  const settings: ArenaSettings = {
    scenarios,
    policies: base && !chosen.includes(base) ? [...chosen, base] : chosen,
    ...(base && { against: base }),
    ...readSeeds(flags, isSingle),
    participants: parseWhole(flags.participants ?? '4', '--participants', 2, arena.authorNames.length),
    lineup: pickOne(flags.lineup ?? 'even', '--lineup', lineups),
    writers,
    profile: { ...arena.profiles[writers], ...readTraits(flags) },
  }
  if (isSingle && settings.scenarios.length * settings.policies.length > 1)
    throw usageError(
      `${flags.trace ? '--trace' : '--record'} is for one run: name one scenario and one policy, and no --against.`,
    )
  return settings
}

const namesOf = (all: readonly { readonly name: string }[]): readonly string[] => all.map(({ name }) => name)

/** Returns the values that a list such as `hold,turns` names, or all. */
export function pickNamed<T extends { readonly name: string }>(
  text: string,
  option: string,
  all: readonly T[],
): readonly T[] {
  if (text === 'all') return all
  const names = text.split(',').map(name => pickOne(name.trim(), option, namesOf(all), ', or all'))
  return all.filter(({ name }) => names.includes(name))
}

function pickOne<T extends string>(text: string, option: string, names: readonly T[], more = ''): T {
  const found = names.find(name => name === text)
  if (found !== undefined) return found
  throw usageError(
    `${option} takes ${joinWords(names).replace(/ and ([^ ]*)$/, ' or $1')}${more}, not ${JSON.stringify(text)}.`,
  )
}

function readSeeds({ seed, seeds, first }: ArenaFlags, isSingle: boolean): Pick<ArenaSettings, 'first' | 'seeds'> {
  if (seed !== undefined && (seeds !== undefined || first !== undefined))
    throw usageError('--seed names one seed: leave out --seeds and --first.')
  if (isSingle && seeds !== undefined) throw usageError('--trace and --record are for one run: name it by --seed N.')
  return {
    first: parseWhole(seed ?? first ?? '1', seed === undefined ? '--first' : '--seed', 0, MAX_SEED),
    seeds: seed !== undefined || isSingle ? 1 : parseWhole(seeds ?? `${DEFAULT_SEEDS}`, '--seeds', 1, 1_000_000),
  }
}

export function parseWhole(text: string, option: string, least: number, most: number): number {
  const number = Number(text)
  if (/^\d{1,10}$/.test(text) && number >= least && number <= most) return number
  throw usageError(`${option} takes a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`)
}

/** The least and the most that a trait can be. */
const bounds: { readonly [K in keyof WriterTraits]: readonly [least: number, most: number] } = {
  first_token_ms: [0, 600_000],
  input_tokens_per_s: [0.1, 1_000_000],
  output_tokens_per_s: [0.1, 100_000],
  notices: [0, 1],
  repairs: [0, 1],
  keeps: [0, 1],
}

function readTraits(flags: ArenaFlags): Partial<WriterProfile> {
  return Object.fromEntries(
    traitNames.flatMap(trait => {
      const option = traitOptions[trait]
      const text = flags[option]
      return text === undefined ? [] : [[trait, parseRange(text, `--${option}`, bounds[trait])]]
    }),
  )
}

/** Parses a number, or a range such as 0.5-0.9. */
function parseRange(text: string, option: string, [least, most]: readonly [number, number]): readonly [number, number] {
  const [, from, to = from] = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(text) ?? []
  const range = [Number(from), Number(to)] as const
  if (from !== undefined && least <= range[0] && range[0] <= range[1] && range[1] <= most) return range
  throw usageError(
    `${option} takes a number from ${least} to ${most}, or a range of them such as ${most === 1 ? '0.5-0.9' : '50-200'}, ` +
      `not ${JSON.stringify(text)}.`,
  )
}
