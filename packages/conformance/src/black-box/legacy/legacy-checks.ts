import { type RuleId, rules } from '../../rules.ts'
import { cannotRun } from '../could-not-run.ts'
import { isHttpFailure } from '../http-failure.ts'
import type { CheckResult, RuleCheck, RunContext } from '../rule-check.ts'
import { failureText } from '../sentence.ts'
import { LegacyConnection } from './legacy-connection.ts'
import { type LegacyRule, legacyRules } from './legacy-rules.ts'
import { skipReasons } from './skip-reasons.ts'

/** The rules of servers, as far as the dialect of the existing Python chat server goes. Rejects where nothing can be tried. */
export async function legacyChecks(ground: RunContext): Promise<readonly RuleCheck[]> {
  await probe(ground)
  const known = new Map<RuleId, RuleCheck>(
    legacyRules.map(rule => [rule.id, { id: rule.id, checked: rule.checked, run: ground => checkRule(rule, ground) }]),
  )
  for (const [id, reason] of skipReasons) known.set(id, { id, reason })
  return rules.flatMap(({ id }) => known.get(id) ?? [])
}

async function checkRule({ id, run }: LegacyRule, ground: RunContext): Promise<CheckResult> {
  const { seed, runs, tag } = ground
  const line = new LegacyConnection(ground)
  const nameOf = (name: string) => `${name}-${tag}-${id}`
  try {
    await run({
      connection: line,
      seed,
      runs,
      nameOf,
      async join(name) {
        const { status, text } = await line.register(nameOf(name))
        if (status !== 200)
          throw new Error(`nobody could register: it was answered ${status}\nfound: ${text.slice(0, 200)}`)
        return nameOf(name)
      },
    })
    return { cases: 1 }
  } catch (error) {
    return { cases: 1, finding: { why: failureText(error), curl: line.curl } }
  } finally {
    await line.close()
  }
}

/** Is anybody there who may speak the dialect? */
async function probe({ url, http, answerMs, signal }: RunContext): Promise<void> {
  const start = 'Start it there (python3 server.py with its --host and --port), or ours with: midsentence serve'
  try {
    const { status } = await http.request({
      method: 'POST',
      url: `${url}/register`,
      headers: { 'content-type': 'application/json' },
      body: '{}',
      what: '/register',
      timeoutMs: answerMs,
      signal,
    })
    if (status === 404 || status === 405)
      throw cannotRun(`What answers at ${url} has no POST /register, so it does not speak this dialect. ${start}`)
  } catch (error) {
    if (!isHttpFailure(error)) throw error
    if (error.unreachable) throw cannotRun(`No chat server answers at ${url}. ${start}`)
  }
}
