import { floorRules } from './floor-rules.ts'
import { hostedRules } from './hosted-rules.ts'
import { readingRules } from './reading-rules.ts'
import { retryRules } from './retry-rules.ts'
import { sendingRules } from './sending-rules.ts'
import type { ServerRule } from './server-rule.ts'
import { sessionRules } from './session-rules.ts'
import { streamRules } from './stream-rules.ts'
import { wireRules } from './wire-rules.ts'
import { writingRules } from './writing-rules.ts'

/** Every rule that a server is held to, as functions: `testServer` runs them, so may anything else. */
export const serverRules: readonly ServerRule[] = [
  ...writingRules,
  ...hostedRules,
  ...sendingRules,
  ...floorRules,
  ...readingRules,
  ...retryRules,
  ...sessionRules,
  ...wireRules,
  ...streamRules,
]
