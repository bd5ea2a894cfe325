import { counting } from './counting.ts'
import { debate } from './debate.ts'
import { meeting } from './meeting.ts'
import { politeLoop } from './polite-loop.ts'
import { pooledNumbers } from './pooled-numbers.ts'
import type { Scenario } from './scenario.ts'
import { sharedNotes } from './shared-notes.ts'

/** The scenarios of the arena. */
export const allScenarios = [
  counting,
  pooledNumbers,
  meeting,
  debate,
  sharedNotes,
  politeLoop,
] as const satisfies readonly Scenario[]
