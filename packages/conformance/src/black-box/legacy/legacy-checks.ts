import { type RuleId, rules } from '../../kit/rules.ts'
import { cannotRun, failureText, isHttpFailure } from '../failures.ts'
import type { CheckResult, RuleCheck, RunContext } from '../rule-check.ts'
import { LegacyConnection } from './legacy-connection.ts'
import { type LegacyRule, legacyRules } from './legacy-rules.ts'
import { skipReasons } from './skip-reasons.ts'

/** Makes the checks of the legacy dialect. Rejects with `unavailable` if no such server answers. */
export async function legacyChecks(context: RunContext): Promise<readonly RuleCheck[]> {
  await probe(context)
  const known = new Map<RuleId, RuleCheck>(
    legacyRules.map(rule => [
      rule.id,
      { id: rule.id, checked: rule.checked, run: context => checkRule(rule, context) },
    ]),
  )
  for (const [id, reason] of skipReasons) known.set(id, { id, reason })
  return rules.flatMap(({ id }) => known.get(id) ?? [])
}

async function checkRule({ id, run }: LegacyRule, context: RunContext): Promise<CheckResult> {
  const { seed, runs, tag } = context
  const connection = new LegacyConnection(context)
  const nameOf = (name: string) => `${name}-${tag}-${id}`
  try {
    await run({
      connection: connection,
      seed,
      runs,
      nameOf,
      async join(name) {
        const { status, text } = await connection.register(nameOf(name))
        if (status !== 200)
          throw new Error(`a name could not be registered: the answer was ${status}\nfound: ${text.slice(0, 200)}`)
        return nameOf(name)
      },
    })
    return { cases: 1 }
  } catch (error) {
    return { cases: 1, finding: { why: failureText(error), curl: connection.curl } }
  } finally {
    await connection.close()
  }
}

/** Checks that a server with the legacy dialect answers. */
async function probe({ url, http, answerMs, signal }: RunContext): Promise<void> {
  const start = 'Start it there (python3 server.py with --host and --port), or start one with: midsentence serve'
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
