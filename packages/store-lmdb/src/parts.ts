import type { Environment } from './environment.ts'
import type { Writer } from './writer.ts'

/** What every part of a store stands on. */
export interface Parts {
  readonly environment: Environment
  readonly writer: Writer
  readonly counts: Counts
}

/** How many rooms and journals a store has, and whether it ever had sessions: a head that is gone would leave no other trace. */
export interface Counts {
  rooms: number
  journals: number
  sessions?: true
}
