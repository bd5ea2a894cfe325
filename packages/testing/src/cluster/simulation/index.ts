import {
  type Explanation,
  explain,
  type SimulationPlan,
  type SimulationResult,
  simulate,
} from '@midsentence/conformance/simulation'
import { SimulatedCluster } from './simulated-cluster.ts'

export { randomClusterPlan } from './random-cluster-plan.ts'

const serverFor = (parts: ConstructorParameters<typeof SimulatedCluster>[0]) => new SimulatedCluster(parts)

/** Runs a plan for a cluster to its end, and returns the rules that it broke. */
export const simulateCluster = (
  plan: SimulationPlan,
  options: { readonly trace?: boolean } = {},
): Promise<SimulationResult> => simulate(plan, { ...options, serverFor })

/** Shrinks a plan for a cluster that breaks a rule. Undefined if it breaks none. */
export const explainCluster = (
  plan: SimulationPlan,
  options: Parameters<typeof explain>[1] = {},
): Promise<Explanation | undefined> => explain(plan, { ...options, serverFor })
