import { counting } from './counting.ts'
import { debate } from './debate.ts'
import { meeting } from './meeting.ts'
import { pooledNumbers } from './pooled-numbers.ts'
import type { Scenario } from './scenario.ts'

/** The scenarios of the arena. */
export const allScenarios = [counting, pooledNumbers, meeting, debate] as const satisfies readonly Scenario[]
