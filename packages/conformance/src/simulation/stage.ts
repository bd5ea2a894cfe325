import type { VirtualClock } from '@midsentence/core'
import type { Recording } from '../history/index.ts'
import type { RuleId } from '../kit/rules.ts'
import type { Network } from './network.ts'
import type { Deed, Person, Plan } from './plan.ts'
import type { Server } from './server.ts'
import type { Trace } from './trace.ts'

/** A rule that a history broke, in a sentence. */
export interface Violation {
  readonly rule: RuleId
  readonly what: string
}

/** What a history is played on. */
export interface Stage {
  readonly plan: Plan
  readonly clock: VirtualClock
  readonly server: Server
  readonly network: Network
  readonly recording: Recording
  readonly trace: Trace
  /** A rule is broken. */
  found(rule: RuleId, what: string): void
}

/** Somebody who takes part. */
export interface Actor {
  readonly person: Person
  /** Comes in, for the first time. */
  enter(): Promise<void>
  do(deed: Deed): void
  /** The stream is cut, or silent, for so long. */
  cut?(ms: number, silent: boolean): void
  /** The process is killed, and comes back after so long. */
  kill?(down: number): void
  /** Nothing befalls anybody any more: reads to the end and says one thing. Resolves once that is done. */
  finish(): Promise<void>
}

export const pause = ({ clock }: Stage, ms: number): Promise<void> =>
  new Promise(resolve => {
    clock.after(ms, () => resolve())
  })
