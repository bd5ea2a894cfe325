import type { DraftLimits } from '../draft/decide.ts'
import type { MidsentenceError } from '../errors.ts'
import type { ParticipantState } from '../participant/evolve.ts'
import type { Link } from '../ports/transport.ts'
import type { Seq } from '../room/message.ts'
import type { Call, Command } from './events.ts'
import type { Queue } from './queue.ts'

/** What the other side can do, as the machine needs it. */
export interface TransportCapabilities {
  readonly conditional: boolean
  readonly resume: boolean
  readonly keys: boolean
}

/** A command that waits for the verdict on a push called before it, with the cursor of the moment it was called. */
export interface DeferredCommand {
  readonly command: Command
  readonly base: Seq
}

/** Everything the machine knows: the durable state, and what concerns this process alone. Immutable. */
export interface MachineContext {
  readonly state: ParticipantState
  readonly limits: DraftLimits
  readonly capabilities: TransportCapabilities
  /** Unseen messages are kept up to this many. */
  readonly inboxLimit: number
  readonly deferred: Queue<DeferredCommand>
  /** The check that waits for a message. */
  readonly check: Call | undefined
  /** Who waits for the push under way (nobody, when it was taken over from an earlier process), and how often it was asked. */
  readonly push: { readonly call: Call | undefined; readonly asked: number }
  /** One's own floor, and when it runs out on the monotonic clock. */
  readonly floor: { readonly name: string; readonly until: number } | undefined
  /** The seq after which missing messages were asked for last. */
  readonly requestedAfter: Seq | undefined
  /** Messages came that did not fit: they are asked for once there is room. */
  readonly overflowed: boolean
  readonly link: Link
  readonly present: ReadonlySet<string>
  /** Why it closed. */
  readonly ended: MidsentenceError | undefined
}
