export { type Explanation, explain, explanationLines } from './explain.ts'
export type {
  ClientKind,
  NetworkFault,
  PlannedAction,
  PlannedActionKind,
  PlannedClient,
  PlannedFault,
  SimulationPlan,
} from './plan.ts'
export { Random } from './random.ts'
export { randomPlan } from './random-plan.ts'
export type { ServerOverrides } from './server.ts'
export { type PlanPredicate, type ShrinkOptions, shrink } from './shrink.ts'
export { type SimulationOptions, type SimulationResult, simulate } from './simulate.ts'
export type { ClientOverrides, Violation } from './simulation-context.ts'
