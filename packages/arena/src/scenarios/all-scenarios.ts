import { counting } from './counting.ts'
import { pooledNumbers } from './pooled-numbers.ts'
import type { Scenario } from './scenario.ts'

export const allScenarios: readonly Scenario[] = [pooledNumbers, counting]
