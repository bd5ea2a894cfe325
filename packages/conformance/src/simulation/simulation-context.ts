import type { VirtualClock } from '@midsentence/core'
import type { HistoryRecorder } from '../history/index.ts'
import type { RuleId } from '../kit/rules.ts'
import type { Network } from './network.ts'
import type { PlannedAction, PlannedClient, SimulationPlan } from './plan.ts'
import type { SimulatedServer } from './server.ts'
import type { SimulationTrace } from './trace.ts'

/** A broken rule, with a sentence that says what is wrong. */
export interface Violation {
  readonly rule: RuleId
  readonly what: string
}

/** The parts of one simulation. */
export interface SimulationContext {
  readonly plan: SimulationPlan
  readonly clock: VirtualClock
  readonly server: SimulatedServer
  readonly network: Network
  readonly recorder: HistoryRecorder
  readonly trace: SimulationTrace
  /** Adds a violation to the result. */
  report(rule: RuleId, what: string): void
}

/** A client in a simulation. */
export interface SimulatedClient {
  readonly client: PlannedClient
  /** Joins the room for the first time. */
  join(): Promise<void>
  perform(action: PlannedAction): void
  /** Breaks the stream for `ms` milliseconds. `silent`: the server does not notice. */
  disconnect?(ms: number, silent: boolean): void
  /** Kills the process and starts it again after `down` milliseconds. */
  kill?(down: number): void
  /** Called after the last fault. Reads every message and sends one. */
  finish(): Promise<void>
}

/** Resolves after `ms` milliseconds of the virtual clock. */
export const pause = ({ clock }: SimulationContext, ms: number): Promise<void> =>
  new Promise(resolve => {
    clock.after(ms, () => resolve())
  })
