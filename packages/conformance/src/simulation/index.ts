export { type Explanation, explain, explanationLines } from './explain.ts'
export { loggedMessages } from './logged-message.ts'
export type {
  ClientKind,
  ClusterFault,
  ClusterService,
  NetworkFault,
  PlannedAction,
  PlannedActionKind,
  PlannedClient,
  PlannedCluster,
  PlannedFault,
  ServiceFaults,
  SimulationPlan,
} from './plan.ts'
export { ProcessClock } from './process-clock.ts'
export { Random } from './random.ts'
export { randomPlan } from './random-plan.ts'
export type { ServerOverrides, ServerProcess, SimulationServer } from './server.ts'
export { type PlanPredicate, type ShrinkOptions, shrink } from './shrink.ts'
export { type ServerParts, type SimulationOptions, type SimulationResult, simulate } from './simulate.ts'
export type { ClientOverrides, Violation } from './simulation-context.ts'
export type { SimulationTrace } from './trace.ts'
