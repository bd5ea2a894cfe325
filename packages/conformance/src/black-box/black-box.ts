import { setMaxListeners } from 'node:events'
import { linkSignals } from '@midsentence/core'
import { type RuleId, rule, rules } from '../kit/rules.ts'
import { HttpClient } from './http-client.ts'
import { legacyChecks } from './legacy/legacy-checks.ts'
import { nativeChecks } from './native-checks.ts'
import { FormProblems } from './report/form-problems.ts'
import type { Dialect, Report, RuleOutcome } from './report/report.ts'
import { ResponseTimes } from './response-times.ts'
import type { RuleCheck, RunContext } from './rule-check.ts'

export interface BlackBoxOptions {
  /** The server's address without a trailing slash, for example `http://127.0.0.1:8890`. */
  readonly url: string
  /**
   * `native`: JSON-RPC and event streams. `legacy`: the API of the Python chat server. Default
   * `native`.
   */
  readonly dialect?: Dialect
  /** The seed of all random cases. Default: a random one, which the report names. */
  readonly seed?: number
  /** The maximum number of cases for each property. Default 100. */
  readonly runs?: number
  /** The timeout in milliseconds of a call that does not wait. Exceeding it is a finding. Default 5,000. */
  readonly answerMs?: number
  /** The rules to check. Default: all that can be checked from outside. */
  readonly rules?: readonly RuleId[]
  /** Ends the run: calls in flight are aborted, all sessions leave, and it rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Called with the progress of the run. Must not throw. */
  progress?(progress: Progress): void
}

export type Progress =
  | { readonly type: 'begun'; readonly id: RuleId }
  | { readonly type: 'ended'; readonly outcome: RuleOutcome; readonly done: number; readonly of: number }
  /** The server asked to wait this many milliseconds. */
  | { readonly type: 'waiting'; readonly ms: number }

/** How many rules are checked at a time, each in rooms that no other check uses. */
const CONCURRENT_RULES = 6
/** The timeout of one rule. Exceeding it is a finding, since a server may hang at every call. */
const RULE_TIMEOUT_MS = 30_000
/** After this time a property begins no new case. */
const CASES_BUDGET_MS = 6_000

/**
 * Checks the rules on a running server, in rooms made for this run. All its sessions have left when it resolves. Nothing
 * that the server does makes it reject: a wrong answer is a finding. Rejects with `unavailable` if no server answers.
 */
export async function blackBox(options: BlackBoxOptions): Promise<Report> {
  const { url, runs = 100, answerMs = 5000, signal, progress } = options
  const dialect = options.dialect ?? 'native'
  const seed = options.seed ?? Math.floor(Math.random() * 0x7fffffff)
  const started = new Date()
  const began = performance.now()
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  const stop = () => stopping.abort(signal!.reason)
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  const http = new HttpClient()
  // Names contain the time too, since two runs may use one seed at once.
  const tag = `${seed.toString(36)}-${Date.now().toString(36).slice(-5)}`
  const context: RunContext = {
    url,
    http,
    responseTimes: new ResponseTimes(),
    formProblems: new FormProblems(),
    seed,
    runs,
    answerMs,
    casesMs: CASES_BUDGET_MS,
    tag,
    signal: stopping.signal,
    onWait: ms => progress?.({ type: 'waiting', ms }),
  }
  try {
    const checks = await (dialect === 'legacy' ? legacyChecks : nativeChecks)(context)
    const checked = await runChecks(selectChecks(checks, options.rules), context, progress)
    stopping.signal.throwIfAborted()
    const outcomes = checked.map(outcome => context.formProblems.applyTo(outcome))
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

function selectChecks(checks: readonly RuleCheck[], only: readonly RuleId[] | undefined): readonly RuleCheck[] {
  if (only === undefined) return checks
  const known = new Map(checks.map(check => [check.id, check]))
  const order = rules.map(({ id }) => id).filter(id => only.includes(id))
  return order.map(id => known.get(id) ?? { id, reason: 'No check of this rule from outside a server exists.' })
}

async function runChecks(
  checks: readonly RuleCheck[],
  context: RunContext,
  progress: BlackBoxOptions['progress'],
): Promise<readonly RuleOutcome[]> {
  const outcomes: RuleOutcome[] = []
  let next = 0
  let done = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < checks.length && !context.signal.aborted; at = next++) {
      const check = checks[at]!
      if ('run' in check) progress?.({ type: 'begun', id: check.id })
      const outcome = await runCheck(check, context)
      outcomes[at] = outcome
      progress?.({ type: 'ended', outcome, done: ++done, of: checks.length })
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT_RULES }, worker))
  return outcomes
}

async function runCheck(check: RuleCheck, context: RunContext): Promise<RuleOutcome> {
  const header = rule(check.id)
  if (!('run' in check)) return { ...header, outcome: 'skipped', reason: check.reason }
  const began = performance.now()
  const late = () =>
    new Error(`The check was not done within ${RULE_TIMEOUT_MS / 1000} seconds: the server answers too slowly.`)
  const { signal, unlink } = linkSignals([context.signal], { ms: RULE_TIMEOUT_MS, reason: late })
  // A rule may have any number of calls in flight.
  setMaxListeners(0, signal)
  try {
    const { cases, finding } = await check.run({ ...context, signal })
    const ms = Math.round(performance.now() - began)
    if (finding) return { ...header, outcome: 'fail', cases, ms, finding }
    return { ...header, outcome: 'pass', cases, ms, ...(check.checked !== undefined && { checked: check.checked }) }
  } finally {
    unlink()
  }
}
