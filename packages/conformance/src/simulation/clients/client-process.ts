import type { Clock } from '@midsentence/core'
import type { Device } from '../device.ts'
import type { PlannedClient } from '../plan.ts'

/** A running program of a client. */
export interface ClientProcess {
  readonly planned: PlannedClient
  readonly device: Device
  /** The clock of the program. Its timers end with it. */
  readonly clock: Clock
}
