import type { DraftLimits } from '../draft/decide.ts'
import type { Draft } from '../draft/evolve.ts'
import type { MidsentenceError } from '../errors.ts'
import type { ParticipantState } from '../participant/evolve.ts'
import type { Link } from '../ports/transport.ts'
import type { Message, Seq } from '../room/message.ts'
import type { CallId, ParticipantCommand } from './events.ts'
import type { Queue } from './queue.ts'

/** The parts of `Supports` that the machine needs. */
export interface TransportCapabilities {
  readonly conditional: boolean
  readonly resume: boolean
  readonly keys: boolean
}

/** A command that waits for the verdict of an earlier push, with the cursor at its call. */
export interface DeferredCommand {
  readonly command: ParticipantCommand
  readonly base: Seq
}

/** The context of the machine: the durable state, and the state of this process. Immutable. */
export interface MachineContext {
  readonly state: ParticipantState
  readonly limits: DraftLimits
  readonly capabilities: TransportCapabilities
  /** Maximum number of unseen messages in memory. */
  readonly inboxLimit: number
  readonly deferred: Queue<DeferredCommand>
  /** The call of the waiting check. */
  readonly check: CallId | undefined
  /** The call of the current push (undefined if an earlier process made it) and how often it was retried. */
  readonly push: { readonly call: CallId | undefined; readonly retries: number }
  /** The participant's own floor, and when it ends on the monotonic clock. */
  readonly floor: { readonly name: string; readonly until: number } | undefined
  /** Where the reading of a session began that replaced another one: a push with a lower base is held here. Else 0. */
  readonly rejoinedAt: Seq
  /** The seq after which missing messages were last requested. */
  readonly requestedAfter: Seq | undefined
  /** Messages that arrived during a push, from the first under the own name on: that one may be the push's echo. */
  readonly withheld: readonly Message[]
  /** Messages were dropped at the limit: they are requested again once some were given. */
  readonly overflowed: boolean
  readonly link: Link
  readonly present: ReadonlySet<string>
  /** The others who are writing, as far as the room tells it. */
  readonly writing: ReadonlySet<string>
  /** A person silences the models of this room: a model's push is refused until a person speaks. */
  readonly hushed: boolean
  /** How many watch the score of this room. */
  readonly watchers: number
  /** Observers of this room see the draft while it is written. */
  readonly observable: boolean
  /** What they see is kept for a while, undone text too. */
  readonly recorded: boolean
  /** Why the participant closed. */
  readonly ended: MidsentenceError | undefined
}

/** Input of `participantMachine`. */
export interface MachineInput {
  readonly state: ParticipantState
  readonly capabilities: TransportCapabilities
  readonly limits?: DraftLimits
  /** Maximum number of unseen messages in memory. Default 10,000. */
  readonly inboxLimit?: number
  /** Whether observers of the room see the draft. Default false. */
  readonly observable?: boolean
  /** What observers see is kept. Default false. */
  readonly recorded?: boolean
}

/** Returns the names with or without `name`. */
export function withName(names: ReadonlySet<string>, name: string, included: boolean): ReadonlySet<string> {
  if (names.has(name) === included) return names
  const changed = new Set(names)
  if (included) changed.add(name)
  else changed.delete(name)
  return changed
}

/** The state of a participant, for display. */
export interface View
  extends Pick<MachineContext, 'link' | 'present' | 'writing' | 'hushed' | 'watchers' | 'observable' | 'recorded'> {
  readonly phase: 'drafting.empty' | 'drafting.open' | 'pushing' | 'closed'
  readonly draft: Draft
  readonly cursor: Seq
  /** The number of messages of others since the join that no answer has given yet. */
  readonly unseen: number
  /** Whether a check waits. */
  readonly waiting: boolean
}
