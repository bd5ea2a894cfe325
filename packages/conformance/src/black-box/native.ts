import { type RuleId, rules } from '../kit/rules.ts'
import type { ServerAbility } from '../server/server-harness.ts'
import type { ServerRule } from '../server/server-rule.ts'
import { serverRules } from '../server/server-rules.ts'
import { couldNotRun } from './could-not-run.ts'
import { curlLines } from './curl.ts'
import { HttpBench } from './http-bench.ts'
import { sentenceOf } from './sentence.ts'
import type { Transcript } from './transcript.ts'
import type { Ground, Trial, Tried } from './trial.ts'
import { isUnanswered } from './unanswered.ts'

/** What cannot be had from a server that is only reached by HTTP. */
const lacking: Partial<Record<ServerAbility, string>> = {
  pass: 'It takes more than a minute and a half, and the clock of a server that runs cannot be moved on.',
  restart: 'It takes a kill and a restart of the server, which this does not do.',
  annotating: 'It is about rooms that annotate, and a room that is made by joining holds.',
}

/** Rules about servers that none of the trials can see. */
const unseen: readonly (readonly [RuleId, string])[] = [
  ['L3', 'It takes messages that retention took, which nobody can ask a server for.'],
]

/** The rules of servers, by JSON-RPC and event streams. Rejects where nothing can be tried. */
export async function nativeTrials(ground: Ground): Promise<readonly Trial[]> {
  await knock(ground)
  const trials = serverRules.map((rule): Trial => {
    const missing = rule.needs.find(need => lacking[need])
    if (missing) return { id: rule.id, reason: lacking[missing]! }
    return { id: rule.id, run: ground => tryRule(rule, ground) }
  })
  const all = [...trials, ...unseen.map(([id, reason]): Trial => ({ id, reason }))]
  const order = rules.map(({ id }) => id)
  return all.sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id))
}

async function tryRule({ id, run }: ServerRule, { runs, seed, forMs, tag, ...parts }: Ground): Promise<Tried> {
  let cases = 0
  let found: { readonly why: string; readonly transcript: Transcript } | undefined
  const bench = () =>
    new HttpBench({
      ...parts,
      room: `proof-${tag}-${id}-${++cases}`,
      failed: (why, transcript) => {
        // One that was cut short shows nothing that the one before it does not.
        if (!found || !parts.signal.aborted) found = { why, transcript }
      },
    })
  try {
    await run(bench, { runs, seed, enough: AbortSignal.any([parts.signal, AbortSignal.timeout(forMs)]) })
    return { cases }
  } catch (error) {
    if (!found) return { cases, finding: { why: sentenceOf(error) } }
    return { cases, finding: { ...found, curl: curlLines(found.transcript) } }
  }
}

/** Is anybody there who may be a server of ours? What it answers is not judged yet. */
async function knock({ url, http, pace, answerMs, signal }: Ground): Promise<void> {
  const ask = {
    method: 'POST',
    url: `${url}/rpc`,
    headers: { 'content-type': 'application/json' },
    body: '{"jsonrpc":"2.0","id":1,"method":"who"}',
    what: 'who',
    withinMs: answerMs,
    signal,
  } as const
  for (let knocked = 0; knocked < 3; knocked++) {
    const began = performance.now()
    try {
      const { status } = await http.ask(ask)
      pace.took(performance.now() - began)
      if (status === 404 || status === 405) {
        const hint = 'for the existing Python chat server add --dialect seed; else start one with: midsentence serve'
        throw couldNotRun(`What answers at ${url} has no POST /rpc, so it is not a midsentence server: ${hint}`)
      }
    } catch (error) {
      if (!isUnanswered(error)) throw error
      if (!error.nobody) return
      throw couldNotRun(`Nobody answers at ${url}. Start the server there, or one of ours with: midsentence serve`)
    }
  }
}
