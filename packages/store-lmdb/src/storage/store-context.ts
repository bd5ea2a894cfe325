import type { Environment } from './environment.ts'
import type { Writer } from './writer.ts'

/** What reading needs. */
export interface ReadContext {
  readonly environment: Environment
}

/** What the logs and journals of one store share. */
export interface StoreContext extends ReadContext {
  readonly writer: Writer
  /** Changed in place as rooms and journals are created. */
  readonly counts: StoreCounts
}

/** How many heads there are of each kind. A head that is lost leaves no other trace. */
export interface StoreCounts {
  rooms: number
  /** Rooms with sessions. */
  sessions: number
  /** The number of the next room with sessions: those of removed heads are not used again. */
  nextSessions: number
  journals: number
}
