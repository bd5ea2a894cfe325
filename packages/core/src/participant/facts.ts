import type { Appended, DraftReset, Pushed, Undone } from '../draft/events.ts'
import { MidsentenceError } from '../errors.ts'

import type { Durability, Message, Seq } from '../room/message.ts'
import type { SessionIdentity } from '../room/session-identity.ts'
import type { RoomPolicy } from '../room/settings.ts'

/** A session began, or goes on where `resumed`. `cursor` is where its reading stands without a gap. */
export interface Joined {
  readonly type: 'joined'
  readonly session: SessionIdentity
  readonly cursor: Seq
  readonly policy: RoomPolicy
  readonly resumed: boolean
}

/** A message of the room reached this participant. It is not given yet. */
export interface Arrived {
  readonly type: 'arrived'
  readonly message: Message
}

/** These seqs are one's own messages: passed over, never given. */
export interface Passed {
  readonly type: 'passed'
  readonly from: Seq
  readonly to: Seq
}

/** These seqs will never arrive. The next answer says so. */
export interface Missed {
  readonly type: 'missed'
  readonly from: Seq
  readonly to: Seq
}

/** An answer gave everything up to `through`, and told what was missed. */
export interface Given {
  readonly type: 'given'
  readonly through: Seq
}

/** The draft is on its way under `key`, judged by `base`; what the room says is not known yet. */
export interface Pushing {
  readonly type: 'pushing'
  readonly key: string
  readonly base: Seq
  readonly timeout_ms?: number
  readonly meta?: Readonly<Record<string, unknown>>
}

/** The room took the draft as a message. */
export interface PublishReceipt extends Pushed {
  readonly message_id: string
  readonly timestamp: string
  readonly durability: Durability
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
}

/** The draft was not sent: something unseen stood before it, or somebody had the floor. `newest` counts the hold. */
export interface Held {
  readonly type: 'held'
  readonly newest: Seq
  readonly more: boolean
}

/** A push ended with an error. The draft stays; `unknown` where it may have been sent all the same. */
export interface Refused {
  readonly type: 'refused'
  readonly unknown: boolean
}

/** The session ended. The draft stays. */
export interface Left {
  readonly type: 'left'
}

/** Everything that can happen to a participant: plain JSON, in order. Its state is the fold of these. */
export type Fact =
  | Appended
  | Undone
  | DraftReset
  | PublishReceipt
  | Joined
  | Arrived
  | Passed
  | Missed
  | Given
  | Pushing
  | Held
  | Refused
  | Left

const types: ReadonlySet<unknown> = new Set([
  'appended',
  'undone',
  'reset',
  'pushed',
  'joined',
  'arrived',
  'passed',
  'missed',
  'given',
  'pushing',
  'held',
  'refused',
  'left',
] satisfies Fact['type'][])

/** Is this a fact, by its type? Tells facts from what else a participant emits. */
export const isFact = (value: unknown): value is Fact =>
  typeof value === 'object' && value !== null && 'type' in value && types.has(value.type)

/** Checks what a journal read back: it came from outside this process. */
export function checkFacts(values: readonly unknown[]): readonly Fact[] {
  for (const value of values) {
    if (!isFact(value)) {
      const what = JSON.stringify(value)?.slice(0, 60)
      throw new MidsentenceError('internal', `The journal holds something that is not a fact of this version: ${what}.`)
    }
  }
  return values as readonly Fact[]
}
