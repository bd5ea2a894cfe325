import { setMaxListeners } from 'node:events'
import { type RuleId, rule, rules } from '../kit/rules.ts'
import { Http } from './http.ts'
import { legacyTrials } from './legacy/trials.ts'
import { nativeTrials } from './native.ts'
import { Pace } from './pace.ts'
import type { Dialect, Outcome, Report } from './report.ts'
import type { Ground, Trial } from './trial.ts'

export interface BlackBoxOptions {
  /** Where the server is, as `http://127.0.0.1:8890`; without a slash at the end. */
  readonly url: string
  /** What it speaks: JSON-RPC and event streams, or what the existing Python chat server does. Default `native`. */
  readonly dialect?: Dialect
  /** Of all randomness. Default: a new one, which the report names. */
  readonly seed?: number
  /** How many cases a property tries, at most. Default 100. */
  readonly runs?: number
  /** A call that waits for nobody is given up after so many milliseconds: that is a finding. Default 5000. */
  readonly answerMs?: number
  /** Only these. Default: all that are seen from outside. */
  readonly rules?: readonly RuleId[]
  /** Ends the run: calls under way are given up, everybody leaves, and it rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Is told how it goes. Must not throw. */
  progress?(progress: Progress): void
}

export type Progress =
  | { readonly type: 'begun'; readonly id: RuleId }
  | { readonly type: 'ended'; readonly outcome: Outcome; readonly done: number; readonly of: number }
  /** The server asked for so many milliseconds. */
  | { readonly type: 'waiting'; readonly ms: number }

/** So many rules are tried at a time, each in rooms of its own. */
const ABREAST = 6
/** A rule that is not done after so many milliseconds is broken: a server may hang at every call of it. */
const RULE_MS = 30_000
/** After so many milliseconds a property begins no new case. */
const CASES_MS = 6_000

/**
 * Tries the rules on a server that runs somewhere, in whatever language it is written, in rooms of its own; everybody who
 * joined has left when this resolves. Whatever the server does is a finding. Rejects with `unavailable` where nothing could
 * be tried, and says what to start.
 */
export async function blackBox(options: BlackBoxOptions): Promise<Report> {
  const { url, dialect = 'native', runs = 100, answerMs = 5000, signal, progress } = options
  const seed = options.seed ?? Math.floor(Math.random() * 0x7fffffff)
  const started = new Date()
  const began = performance.now()
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  const stop = () => stopping.abort(signal!.reason)
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  const http = new Http()
  // Names are told from the seed, and from the moment: somebody may try the same seed at the same time.
  const tag = `${seed.toString(36)}-${Date.now().toString(36).slice(-5)}`
  const ground: Ground = {
    url,
    http,
    pace: new Pace(),
    seed,
    runs,
    answerMs,
    forMs: CASES_MS,
    tag,
    signal: stopping.signal,
    waits: ms => progress?.({ type: 'waiting', ms }),
  }
  try {
    const trials = await (dialect === 'seed' ? legacyTrials : nativeTrials)(ground)
    const outcomes = await tried(chosen(trials, options.rules), ground, progress)
    stopping.signal.throwIfAborted()
    return {
      url,
      dialect,
      seed,
      runs,
      started: started.toISOString(),
      ms: Math.round(performance.now() - began),
      outcomes,
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    http.close()
  }
}

function chosen(trials: readonly Trial[], only: readonly RuleId[] | undefined): readonly Trial[] {
  if (only === undefined) return trials
  const known = new Map(trials.map(trial => [trial.id, trial]))
  const order = rules.map(({ id }) => id).filter(id => only.includes(id))
  return order.map(id => known.get(id) ?? { id, reason: 'It is not about what a server does, seen from outside.' })
}

async function tried(
  trials: readonly Trial[],
  ground: Ground,
  progress: BlackBoxOptions['progress'],
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  let next = 0
  let done = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < trials.length && !ground.signal.aborted; at = next++) {
      const trial = trials[at]!
      if ('run' in trial) progress?.({ type: 'begun', id: trial.id })
      const outcome = await outcomeOf(trial, ground)
      outcomes[at] = outcome
      progress?.({ type: 'ended', outcome, done: ++done, of: trials.length })
    }
  }
  await Promise.all(Array.from({ length: ABREAST }, worker))
  return outcomes
}

async function outcomeOf(trial: Trial, ground: Ground): Promise<Outcome> {
  const of = rule(trial.id)
  if (!('run' in trial)) return { ...of, outcome: 'skipped', reason: trial.reason }
  const began = performance.now()
  const ending = new AbortController()
  const late = new Error(`It was not done within ${RULE_MS / 1000} seconds: the server takes too long to answer.`)
  const timer = setTimeout(() => ending.abort(late), RULE_MS)
  const signal = AbortSignal.any([ending.signal, ground.signal])
  // As many calls are under way as a rule likes.
  setMaxListeners(0, signal)
  try {
    const { cases, finding } = await trial.run({ ...ground, signal })
    const ms = Math.round(performance.now() - began)
    if (finding) return { ...of, outcome: 'fail', cases, ms, finding }
    return { ...of, outcome: 'pass', cases, ms, ...(trial.checked !== undefined && { checked: trial.checked }) }
  } finally {
    clearTimeout(timer)
  }
}
