import type { CoordinationPolicy } from '../policies/policy.ts'
import type { RunResult } from '../run/run.ts'
import { PERSON } from '../scenarios/scenario.ts'
import { type Measures, measure } from './measure.ts'
import { judgedPushesOf } from './pushes.ts'

/** Judged pushes after which a message is sent at the latest, by rule P6 of SPEC.md, and the largest room that it covers. */
const MOST_PUSHES = 5
const LARGEST_ROOM = 6

/** Returns what a policy promises and a run of it did not keep. None for a policy that promises nothing. */
export function brokenPromises(policy: CoordinationPolicy, result: RunResult): string[] {
  const holds = policy.room.policy === 'hold'
  const participants = result.authors.length + Number((result.task.news ?? []).length > 0)
  const broken: string[] = []
  const { crossings, stale } = holds ? measure(result) : withoutNews(result)
  if (holds || policy.writes !== 'any time') {
    if (crossings > 0) broken.push(`${crossings} crossings`)
    if (stale > 0) broken.push(`${stale} stale messages`)
  }
  if (!holds || policy.room.holds_for_floor !== undefined || participants > LARGEST_ROOM) return broken
  for (const { author, judged, isLimited } of result.authors.flatMap(each => judgedPushesOf(each)))
    if (isLimited && judged > MOST_PUSHES) broken.push(`${judged} judged pushes of a message of ${author}`)
  return broken
}

/** Measures a run as if a person from outside had said nothing: neither turns nor locks bind a person. */
function withoutNews({ log, ...result }: RunResult): Measures {
  return measure({ ...result, log: log.filter(({ sender_id }) => sender_id !== PERSON) })
}
