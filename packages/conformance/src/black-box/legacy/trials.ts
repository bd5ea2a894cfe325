import { type RuleId, rules } from '../../kit/rules.ts'
import { couldNotRun } from '../could-not-run.ts'
import { sentenceOf } from '../sentence.ts'
import type { Ground, Trial, Tried } from '../trial.ts'
import { isUnanswered } from '../unanswered.ts'
import { Line } from './guest.ts'
import { reasons } from './reasons.ts'
import { type LegacyRule, legacyRules } from './rules.ts'

/** The rules of servers, as far as the dialect of the existing Python chat server goes. Rejects where nothing can be tried. */
export async function legacyTrials(ground: Ground): Promise<readonly Trial[]> {
  await knock(ground)
  const known = new Map<RuleId, Trial>(
    legacyRules.map(rule => [rule.id, { id: rule.id, checked: rule.checked, run: ground => tryRule(rule, ground) }]),
  )
  for (const [id, reason] of reasons) known.set(id, { id, reason })
  return rules.flatMap(({ id }) => known.get(id) ?? [])
}

async function tryRule({ id, run }: LegacyRule, ground: Ground): Promise<Tried> {
  const { seed, runs, tag } = ground
  const line = new Line(ground)
  const nameOf = (name: string) => `${name}-${tag}-${id}`
  try {
    await run({
      line,
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
    return { cases: 1, finding: { why: sentenceOf(error), curl: line.curl } }
  } finally {
    await line.close()
  }
}

/** Is anybody there who may speak the dialect? */
async function knock({ url, http, answerMs, signal }: Ground): Promise<void> {
  const start = 'Start it there (python3 server.py with its --host and --port), or ours with: midsentence serve'
  try {
    const { status } = await http.ask({
      method: 'POST',
      url: `${url}/register`,
      headers: { 'content-type': 'application/json' },
      body: '{}',
      what: '/register',
      withinMs: answerMs,
      signal,
    })
    if (status === 404 || status === 405)
      throw couldNotRun(`What answers at ${url} has no POST /register, so it does not speak this dialect. ${start}`)
  } catch (error) {
    if (!isUnanswered(error)) throw error
    if (error.nobody) throw couldNotRun(`No chat server answers at ${url}. ${start}`)
  }
}
