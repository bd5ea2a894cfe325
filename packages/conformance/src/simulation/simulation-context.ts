import type { Clock, Participant, VirtualClock } from '@midsentence/core'
import type { HistoryRecorder } from '../history/index.ts'
import type { RuleId } from '../kit/rules.ts'
import type { LoggedMessage } from './logged-message.ts'
import type { Network } from './network.ts'
import type { PlannedAction, PlannedClient, SimulationPlan } from './plan.ts'
import type { SimulationServer } from './server.ts'
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
  readonly server: SimulationServer
  readonly network: Network
  readonly recorder: HistoryRecorder
  readonly trace: SimulationTrace
  readonly clientOverrides: ClientOverrides
  /** Adds a violation to the result. */
  report(rule: RuleId, what: string): void
}

/** Replaces parts of local clients, to plant bugs in tests. */
export interface ClientOverrides {
  readonly participant?: (participant: Participant) => Participant
}

/** A client in a simulation. */
export interface SimulatedClient {
  readonly client: PlannedClient
  /** Joins the room for the first time. */
  join(): Promise<void>
  perform(action: PlannedAction): void
  /** Breaks the stream for `ms` milliseconds. `silent`: the server does not notice. */
  disconnect?(ms: number, silent: boolean): void
  /** For `ms` milliseconds nothing arrives on the stream, although it looks open. */
  halfOpen?(ms: number): void
  /** Kills the process and starts it again after `down` milliseconds. */
  kill?(down: number): void
  /** Lets the device sleep for `ms` milliseconds. */
  sleep(ms: number, clockStops: boolean): void
  /** Makes the server lose the session. */
  forget?(): void
  /** Called after the last fault. Reads every message and sends one. */
  finish(): Promise<void>
  /** Called last. Reports the rules that only the whole life of the client shows. */
  check?(log: readonly LoggedMessage[]): void
}

/** Resolves after `ms` milliseconds of `clock`. */
export const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise(resolve => {
    clock.after(ms, () => resolve())
  })

/** Whether others may take the name of a client, as the history has to know. */
export const sharedNames = ({ faults }: SimulationPlan): { readonly shared?: true } =>
  faults.some(({ type }) => type === 'take-name') ? { shared: true } : {}
