import { fieldRules } from './rules/field-rules.ts'
import { floorRules } from './rules/floor-rules.ts'
import { formRules } from './rules/form-rules.ts'
import { hostedRules } from './rules/hosted-rules.ts'
import { presenceRules } from './rules/presence-rules.ts'
import { racingRules } from './rules/racing-rules.ts'
import { readingRules } from './rules/reading-rules.ts'
import { restartRules } from './rules/restart-rules.ts'
import { retryRules } from './rules/retry-rules.ts'
import { sendingRules } from './rules/sending-rules.ts'
import { sessionRules } from './rules/session-rules.ts'
import { streamRules } from './rules/stream-rules.ts'
import { waitingRules } from './rules/waiting-rules.ts'
import { wireRules } from './rules/wire-rules.ts'
import { writingRules } from './rules/writing-rules.ts'
import { scoreRules } from './score/score-rules.ts'
import type { ServerRule } from './server-rule.ts'

/** Merges rules of the same id and needs into one. */
function oneEach(rules: readonly ServerRule[]): ServerRule[] {
  const known = new Map<string, ServerRule>()
  for (const rule of rules) {
    const which = `${rule.id} ${rule.needs}`
    const before = known.get(which)
    const both: ServerRule = {
      ...rule,
      run: async (...how) => {
        await before?.run(...how)
        await rule.run(...how)
      },
    }
    known.set(which, both)
  }
  return [...known.values()]
}

/** Every rule of a server, as functions. `testServer` runs them. */
export const serverRules: readonly ServerRule[] = oneEach([
  ...writingRules,
  ...hostedRules,
  ...sendingRules,
  ...floorRules,
  ...readingRules,
  ...waitingRules,
  ...racingRules,
  ...retryRules,
  ...sessionRules,
  ...wireRules,
  ...streamRules,
  ...presenceRules,
  ...restartRules,
  ...fieldRules,
  ...formRules,
  ...scoreRules,
])
