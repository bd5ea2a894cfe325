import { linkSignals } from '@midsentence/core'
import { type RuleId, rules } from '../kit/rules.ts'
import type { ServerAbility } from '../server/server-harness.ts'
import type { ServerRule } from '../server/server-rule.ts'
import { serverRules } from '../server/server-rules.ts'
import { curlLines } from './curl.ts'
import { cannotRun, failureText, isHttpFailure } from './failures.ts'
import { HttpHarness } from './http-harness.ts'
import type { CheckResult, RuleCheck, RunContext } from './rule-check.ts'
import type { HttpTranscript } from './transcript.ts'

/** What a server cannot provide over HTTP, with the reason. */
const unavailableAbilities: Partial<Record<ServerAbility, string>> = {
  pass: 'It takes more than 90 s, and the clock of a running server cannot be advanced.',
  restart: 'It needs a kill and a restart of the server.',
  annotating: 'It needs a room with the annotate policy, and a room that a join creates holds.',
  history: 'It needs a room that shows its history, and a room that a join creates does not.',
  observable: 'It needs an observable room, and a room that a join creates is private.',
  recorded: 'It needs a recorded room, and a room that a join creates is private.',
  refused: 'It needs a content policy, and a text that it refuses.',
  forget: 'It needs messages that retention removed, and a client cannot request that.',
}

/** Rules about servers that no check covers, with the reason. */
const uncheckedRules: readonly (readonly [RuleId, string])[] = [
  ['L3', 'It needs messages that retention removed, and a client cannot request that.'],
]

/** Makes the checks over JSON-RPC and event streams. Rejects with `unavailable` if no server of ours answers. */
export async function nativeChecks(context: RunContext): Promise<readonly RuleCheck[]> {
  await probe(context)
  const checks = serverRules.map((rule): RuleCheck => {
    const missing = rule.needs.find(need => unavailableAbilities[need])
    if (missing) return { id: rule.id, reason: unavailableAbilities[missing]! }
    return { id: rule.id, run: context => checkRule(rule, context) }
  })
  const all = [...checks, ...uncheckedRules.map(([id, reason]): RuleCheck => ({ id, reason }))]
  const order = rules.map(({ id }) => id)
  return all.sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id))
}

async function checkRule(
  { id, run }: ServerRule,
  { runs, seed, casesMs, tag, formProblems, ...shared }: RunContext,
): Promise<CheckResult> {
  let cases = 0
  let found: { readonly why: string; readonly transcript: HttpTranscript } | undefined
  const harness = () =>
    new HttpHarness({
      ...shared,
      room: `proof-${tag}-${id}-${++cases}`,
      onProblem: (...problem) => formProblems.add(...problem),
      onFailure: (why, transcript) => {
        // A case that the timeout cut short shows less than the one before it.
        if (!found || !shared.signal.aborted) found = { why, transcript }
      },
    })
  const enough = linkSignals([shared.signal], { ms: casesMs })
  try {
    await run(harness, { runs, seed, enough: enough.signal })
    return { cases }
  } catch (error) {
    if (!found) return { cases, finding: { why: failureText(error) } }
    return { cases, finding: { ...found, curl: curlLines(found.transcript) } }
  } finally {
    enough.unlink()
  }
}

/** Checks that a server answers. Its answer is not judged yet. */
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
  for (let attempt = 0; attempt < 3; attempt++) {
    const began = performance.now()
    try {
      const { status } = await http.request(ask)
      responseTimes.record(performance.now() - began)
      if (status === 404 || status === 405) {
        const hint = 'for the Python chat server add --dialect legacy; otherwise start one with: midsentence serve'
        throw cannotRun(`What answers at ${url} has no POST /rpc, so it is not a midsentence server: ${hint}`)
      }
    } catch (error) {
      if (!isHttpFailure(error)) throw error
      if (!error.unreachable) return
      throw cannotRun(`No server answers at ${url}. Start yours there, or start one with: midsentence serve`)
    }
  }
}
