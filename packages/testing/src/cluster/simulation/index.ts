import {
  type Explanation,
  explain as explainPlan,
  type SimulationPlan,
  type SimulationResult,
  simulate as simulatePlan,
} from '@midsentence/conformance/simulation'
import { SimulatedCluster } from './simulated-cluster.ts'

export { explanationLines } from '@midsentence/conformance/simulation'
export { randomClusterPlan as randomPlan } from './random-cluster-plan.ts'

const serverFor = (parts: ConstructorParameters<typeof SimulatedCluster>[0]) => new SimulatedCluster(parts)

/** Runs a plan for a cluster to its end, and returns the rules that it broke. */
export const simulate = (plan: SimulationPlan, options: { readonly trace?: boolean } = {}): Promise<SimulationResult> =>
  simulatePlan(plan, { ...options, serverFor })

/** Shrinks a plan for a cluster that breaks a rule. Undefined if it breaks none. */
export const explain = (
  plan: SimulationPlan,
  options: Parameters<typeof explainPlan>[1] = {},
): Promise<Explanation | undefined> => explainPlan(plan, { ...options, serverFor })
