import { type Measures, measure, type ObservedMessage, runSerially } from '@midsentence/arena'
import { version } from '../../version.ts'
import type { LiveSettings } from './live-options.ts'
import type { LiveEnding, LiveResult } from './play-live.ts'

/** Where a model runs. The rest of the address may hold a secret. */
export interface LiveModel {
  readonly model: string
  readonly host: string
}

/** The first line of a file: what all of its runs have in common. */
export interface LiveHeader {
  readonly type: 'live settings'
  readonly midsentence: string
  readonly begun: string
  readonly about: string
  readonly settings: {
    readonly scenario: string
    readonly policies: readonly string[]
    readonly participants: number
    readonly first: number
    /** Dealt to the participants in turn, from another one on with each seed. */
    readonly models: readonly LiveModel[]
    /** Settings that the models were given. Those that are absent are the endpoint's own. */
    readonly sampling: { readonly temperature?: number; readonly maxOutputTokens?: number }
    readonly budget_tokens: number
    readonly minutes: number
  }
}

/**
 * The measures that events of real models bear out. Left out: `stale` and `overlooked`, which compare a message with the words of a
 * plan; `readAgain` and `cost`, which need the tokenizer, the cache and the prices of the endpoint.
 */
export const liveMeasures = [
  ...(['finished', 'solved', 'messages', 'crossings', 'repeated', 'written', 'discarded', 'calls'] as const),
  ...(['attemptsMean', 'attemptsMost', 'delayMedian', 'delayP95', 'delayMost', 'unevenness', 'time'] as const),
] satisfies readonly (keyof Measures)[]

export type LiveMeasures = Pick<Measures, (typeof liveMeasures)[number]>

/** A run that came to its end. */
export interface LiveRun {
  readonly type: 'run'
  readonly policy: string
  readonly seed: number
  readonly begun: string
  readonly ending: LiveEnding
  readonly measures: LiveMeasures
  /** Tokens of all models. `estimated`: an endpoint did not report all of them. */
  readonly tokens: { readonly input: number; readonly output: number; readonly estimated: boolean }
  readonly authors: readonly LiveAuthorRecord[]
  /** The messages of the room, and what the task makes of them, beside the result of a serial run. */
  readonly messages: readonly ObservedMessage[]
  readonly result: unknown
  readonly expected: unknown
}

interface LiveAuthorRecord extends LiveModel {
  readonly name: string
  readonly inputTokens: number
  readonly outputTokens: number
  readonly interruptions: number
  readonly holds: number
  readonly silentTurns: number
  readonly troubles: number
}

/** A run that an endpoint or the room ended. It is played again. */
export interface FailedLiveRun {
  readonly type: 'failed'
  readonly policy: string
  readonly seed: number
  readonly begun: string
  readonly sentence: string
}

export type LiveRecord = LiveRun | FailedLiveRun

const about =
  'Runs of real models. Each task is dealt from its seed; the models are not seeded, so that the runs cannot be reproduced. ' +
  'stale, overlooked, readAgain and cost are not measured.'

export function headerOf(settings: LiveSettings, begun: Date): LiveHeader {
  const { scenario, policies, participants, first, endpoints, sampling, budget_tokens, minutes } = settings
  return {
    type: 'live settings',
    midsentence: version,
    begun: begun.toISOString(),
    about,
    settings: {
      scenario: scenario.name,
      policies: policies.map(({ name }) => name),
      participants,
      first,
      models: endpoints.map(modelOf),
      sampling,
      budget_tokens,
      minutes,
    },
  }
}

export const modelOf = ({ model, baseURL }: { readonly model: string; readonly baseURL: string }): LiveModel => ({
  model,
  host: new URL(baseURL).host,
})

export function recordOf(policy: string, seed: number, begun: Date, played: LiveResult): LiveRun {
  const { ending, authors, result } = played
  const { task, log } = result
  const measured = measure(result)
  const traces = authors.map(({ live }) => live)
  const total = (key: 'input' | 'output') => traces.reduce((sum, { tokens }) => sum + tokens[key], 0)
  const names = authors.map(({ name }) => name)
  return {
    type: 'run',
    policy,
    seed,
    begun: begun.toISOString(),
    ending,
    measures: Object.fromEntries(liveMeasures.map(key => [key, measured[key]])) as unknown as LiveMeasures,
    tokens: {
      input: total('input'),
      output: total('output'),
      estimated: traces.some(({ tokens }) => tokens.estimated),
    },
    authors: authors.map(({ name, endpoint, live }) => ({
      name,
      ...modelOf(endpoint),
      inputTokens: live.tokens.input,
      outputTokens: live.tokens.output,
      interruptions: live.interruptions,
      holds: live.holds,
      silentTurns: live.silentTurns,
      troubles: live.troubles,
    })),
    messages: log,
    result: task.result(log),
    expected: task.result(runSerially(task, names)),
  }
}
