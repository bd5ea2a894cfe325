import type { CoordinationPolicy, Scenario } from '@midsentence/arena'
import { type EndpointOptions, parseEndpoint } from '../../agent/parse-endpoint.ts'
import { joinWords } from '../../join-words.ts'
import { parseCount, parseNumber } from '../../parse-values.ts'
import { usageError } from '../../usage-error.ts'
import { type ArenaFlags, type ArenaPackage, parseWhole, pickNamed } from '../options.ts'
import { livePolicy } from './live-policy.ts'
import type { LiveSetting } from './play-live.ts'

/** What is played: the scenario, under each policy, with each seed. */
export interface LiveSettings extends Pick<LiveSetting, 'participants' | 'endpoints' | 'budget_tokens' | 'quiet_ms'> {
  readonly scenario: Scenario
  readonly policies: readonly CoordinationPolicy[]
  readonly first: number
  /** Runs of each policy, one a seed. */
  readonly runs: number
  readonly sampling: LiveSetting['settings']
  /** The longest time of a run. */
  readonly minutes: number
  readonly file?: string
  readonly resume: boolean
}

/** Options that models need, or that only they have. */
const liveOnly = [
  'model',
  'base-url',
  'api-key-env',
  'temperature',
  'max-tokens',
  'runs',
  'budget-tokens',
  'minutes',
  'resume',
] as const
/** Options that a live run also takes. */
const shared: readonly string[] = ['live', 'scenario', 'policy', 'participants', 'first', 'json']

/** Throws a usage error for an option of live runs where the authors are simulated. */
export function refuseLiveOptions(flags: ArenaFlags): void {
  const option = liveOnly.find(name => flags[name] !== undefined)
  if (option !== undefined) throw usageError(`--${option} is for runs with models: add --live.`)
}

/** Reads the options of live runs. Throws a usage error that names what is allowed. */
export function readLiveSettings(flags: ArenaFlags, arena: ArenaPackage): LiveSettings {
  const option = Object.keys(flags).find(name => !shared.includes(name) && !liveOnly.some(live => live === name))
  if (option !== undefined) throw usageError(`--${option} is for simulated authors: leave it out, or --live.`)
  const { json, resume = false } = flags
  if (resume && json === undefined)
    throw usageError('--resume goes on with the runs of a file: name it by --json FILE.')
  const participants = parseWhole(flags.participants ?? '4', '--participants', 2, arena.authorNames.length)
  return {
    scenario: readScenario(flags, arena),
    policies: readPolicies(flags, arena),
    participants,
    first: parseWhole(flags.first ?? '1', '--first', 0, 0x7fffffff),
    runs: parseCount(flags.runs ?? '5', '--runs'),
    endpoints: parseEndpoints(flags, participants),
    sampling: {
      ...(flags.temperature !== undefined && { temperature: parseNumber(flags.temperature, '--temperature', 2) }),
      ...(flags['max-tokens'] !== undefined && { maxOutputTokens: parseCount(flags['max-tokens'], '--max-tokens') }),
    },
    budget_tokens: parseCount(flags['budget-tokens'] ?? '400000', '--budget-tokens'),
    minutes: parseMinutes(flags.minutes ?? '10'),
    ...(json !== undefined && { file: json }),
    resume,
  }
}

function readScenario(flags: ArenaFlags, { allScenarios, dealTask, authorNames }: ArenaPackage): Scenario {
  const described = allScenarios.filter(scenario => dealTask(scenario, authorNames.slice(0, 2), 1).brief !== undefined)
  const names = joinWords(described.map(({ name }) => name))
  const [scenario, ...more] = pickNamed(flags.scenario ?? 'pooled-numbers', '--scenario', allScenarios)
  if (more.length > 0) throw usageError(`--live plays one scenario a file: name one of ${names}.`)
  if (described.includes(scenario!)) return scenario!
  throw usageError(
    `${scenario!.name} cannot be played by models, since it has no description for them: ${names} have one.`,
  )
}

function readPolicies(flags: ArenaFlags, { policies }: ArenaPackage): readonly CoordinationPolicy[] {
  const live = policies.filter(livePolicy)
  const chosen = flags.policy === 'all' ? live : pickNamed(flags.policy ?? 'hold', '--policy', policies)
  const other = chosen.find(policy => !live.includes(policy))
  if (!other) return chosen
  const names = joinWords(live.map(({ name }) => name))
  throw usageError(
    `A model cannot follow ${other.name}, since the loop of @midsentence/agent does not: it follows ${names}.`,
  )
}

/** Pairs the models with their endpoints and keys: one for all, or one for each. */
function parseEndpoints(flags: ArenaFlags, participants: number): readonly EndpointOptions[] {
  const models = listOf(flags.model)
  if (models.length > participants)
    throw usageError(`--model names ${models.length} models for ${participants} participants: raise --participants.`)
  const urls = listOf(flags['base-url'])
  const keys = listOf(flags['api-key-env'])
  for (const [option, values] of [['--base-url', urls] as const, ['--api-key-env', keys] as const])
    if (values.length > 1 && values.length !== models.length)
      throw usageError(`${option} takes one value, or one for each of the ${models.length} models.`)
  // A key belongs to one endpoint: the others must not see it.
  if (keys.length === 1 && new Set(urls.map(hostOf)).size > 1)
    throw usageError(
      'The endpoints differ, so --api-key-env takes one variable for each, as KEY_A,KEY_B, or nothing, as KEY_A,.',
    )
  const at = (values: readonly string[], index: number) => (values.length > 1 ? values[index] : values[0]) || undefined
  return Array.from({ length: Math.max(1, models.length) }, (_, index) =>
    parseEndpoint(at(urls, index), models[index], at(keys, index)),
  )
}

const listOf = (text: string | undefined): readonly string[] =>
  text === undefined ? [] : text.split(',').map(each => each.trim())

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)

function parseMinutes(text: string): number {
  const minutes = parseNumber(text, '--minutes', 1440)
  if (minutes > 0) return minutes
  throw usageError('--minutes takes a number above 0.')
}
