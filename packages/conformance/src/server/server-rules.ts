import { floorRules } from './floor-rules.ts'
import { hostedRules } from './hosted-rules.ts'
import { racingRules } from './racing-rules.ts'
import { retryRules } from './retry-rules.ts'
import type { ServerRule } from './server-rule.ts'
import { sessionRules } from './session-rules.ts'
import { streamRules } from './stream-rules.ts'
import { wireRules } from './wire-rules.ts'

/** Every rule that a server is held to, as functions: `testServer` runs them, so may anything else. */
export const serverRules: readonly ServerRule[] = [
  ...hostedRules,
  ...floorRules,
  ...racingRules,
  ...retryRules,
  ...sessionRules,
  ...wireRules,
  ...streamRules,
]
