import { type RuleId, rules } from '../rules.ts'
import type { Ability } from '../server/server-bench.ts'
import type { ServerRule } from '../server/server-rule.ts'
import { serverRules } from '../server/server-rules.ts'
import { cannotRun } from './could-not-run.ts'
import { curlLines } from './curl.ts'
import { isHttpFailure } from './http-failure.ts'
import { HttpHarness } from './http-harness.ts'
import type { CheckResult, RuleCheck, RunContext } from './rule-check.ts'
import { failureText } from './sentence.ts'
import type { HttpTranscript } from './transcript.ts'

/** What cannot be had from a server that is only reached by HTTP. */
const unavailableAbilities: Partial<Record<Ability, string>> = {
  pass: 'It takes more than a minute and a half, and the clock of a server that runs cannot be moved on.',
  restart: 'It takes a kill and a restart of the server, which this does not do.',
  annotating: 'It is about rooms that annotate, and a room that is made by joining holds.',
}

/** Rules about servers that none of the trials can see. */
const uncheckedRules: readonly (readonly [RuleId, string])[] = [
  ['L3', 'It takes messages that retention took, which nobody can ask a server for.'],
]

/** The rules of servers, by JSON-RPC and event streams. Rejects where nothing can be tried. */
export async function nativeChecks(ground: RunContext): Promise<readonly RuleCheck[]> {
  await probe(ground)
  const trials = serverRules.map((rule): RuleCheck => {
    const missing = rule.needs.find(need => unavailableAbilities[need])
    if (missing) return { id: rule.id, reason: unavailableAbilities[missing]! }
    return { id: rule.id, run: ground => checkRule(rule, ground) }
  })
  const all = [...trials, ...uncheckedRules.map(([id, reason]): RuleCheck => ({ id, reason }))]
  const order = rules.map(({ id }) => id)
  return all.sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id))
}

async function checkRule(
  { id, run }: ServerRule,
  { runs, seed, casesMs, tag, ...parts }: RunContext,
): Promise<CheckResult> {
  let cases = 0
  let found: { readonly why: string; readonly transcript: HttpTranscript } | undefined
  const bench = () =>
    new HttpHarness({
      ...parts,
      room: `proof-${tag}-${id}-${++cases}`,
      onFailure: (why, transcript) => {
        // One that was cut short shows nothing that the one before it does not.
        if (!found || !parts.signal.aborted) found = { why, transcript }
      },
    })
  try {
    await run(bench, { runs, seed, enough: AbortSignal.any([parts.signal, AbortSignal.timeout(casesMs)]) })
    return { cases }
  } catch (error) {
    if (!found) return { cases, finding: { why: failureText(error) } }
    return { cases, finding: { ...found, curl: curlLines(found.transcript) } }
  }
}

/** Is anybody there who may be a server of ours? What it answers is not judged yet. */
async function probe({ url, http, responseTimes, answerMs, signal }: RunContext): Promise<void> {
  const ask = {
    method: 'POST',
    url: `${url}/rpc`,
    headers: { 'content-type': 'application/json' },
    body: '{"jsonrpc":"2.0","id":1,"method":"who"}',
    what: 'who',
    timeoutMs: answerMs,
    signal,
  } as const
  for (let knocked = 0; knocked < 3; knocked++) {
    const began = performance.now()
    try {
      const { status } = await http.request(ask)
      responseTimes.record(performance.now() - began)
      if (status === 404 || status === 405) {
        const hint = 'for the existing Python chat server add --dialect seed; else start one with: midsentence serve'
        throw cannotRun(`What answers at ${url} has no POST /rpc, so it is not a midsentence server: ${hint}`)
      }
    } catch (error) {
      if (!isHttpFailure(error)) throw error
      if (!error.unreachable) return
      throw cannotRun(`Nobody answers at ${url}. Start the server there, or one of ours with: midsentence serve`)
    }
  }
}
