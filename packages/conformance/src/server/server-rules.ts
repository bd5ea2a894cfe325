import { floorRules } from './floor-rules.ts'
import { hostedRules } from './hosted-rules.ts'
import { racingRules } from './racing-rules.ts'
import { readingRules } from './reading-rules.ts'
import { retryRules } from './retry-rules.ts'
import { sendingRules } from './sending-rules.ts'
import type { ServerRule } from './server-rule.ts'
import { sessionRules } from './session-rules.ts'
import { streamRules } from './stream-rules.ts'
import { waitingRules } from './waiting-rules.ts'
import { wireRules } from './wire-rules.ts'
import { writingRules } from './writing-rules.ts'

/** What is told of one rule in several places is one rule, where it needs the same. */
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

/** Every rule that a server is held to, as functions: `testServer` runs them, so may anything else. */
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
])
