import type { DraftPushed, DraftReset, SegmentAppended, SegmentUndone } from '../draft/events.ts'
import { MidsentenceError } from '../errors.ts'

import type { Durability, Message, Seq } from '../room/message.ts'
import type { SessionIdentity } from '../room/session-identity.ts'
import type { RoomPolicy } from '../room/settings.ts'

/** A session began, or continues if `resumed`. `cursor`: the seq up to which it has read without a gap. */
export interface SessionJoined {
  readonly type: 'joined'
  readonly session: SessionIdentity
  readonly cursor: Seq
  readonly policy: RoomPolicy
  readonly resumed: boolean
  /** The newest message at the join, where reading began earlier. Messages up to it count as read. */
  readonly head?: Seq
  /** The name that was asked for, where the server gave another one. */
  readonly joined_as?: string
}

/** A message of another participant arrived. No answer has given it yet. */
export interface MessageArrived {
  readonly type: 'arrived'
  readonly message: Message
}

/** These seqs are the participant's own messages; no answer gives them. */
export interface OwnSeqsPassed {
  readonly type: 'passed'
  readonly from: Seq
  readonly to: Seq
}

/** These seqs will never arrive. The next answer says so. */
export interface SeqsMissed {
  readonly type: 'missed'
  readonly from: Seq
  readonly to: Seq
}

/** An answer gave everything up to `through` and reported missed seqs. */
export interface MessagesGiven {
  readonly type: 'given'
  readonly through: Seq
  /** How many messages of an earlier session it gave too. Default 0. */
  readonly earlier?: number
}

/** The draft was sent under `key`, to be judged by `base`. The verdict is not known yet. */
export interface PushStarted {
  readonly type: 'pushing'
  readonly key: string
  readonly base: Seq
  readonly timeout_ms?: number
  readonly meta?: Readonly<Record<string, unknown>>
}

/** The room accepted the draft as a message. */
export interface PublishReceipt extends DraftPushed {
  readonly message_id: string
  readonly timestamp: string
  readonly durability: Durability
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
}

/**
 * The draft was not sent: its author had not seen a message, or another participant had the floor.
 * `newest`: the newest unseen message, by which the hold is counted. `more`: the answer could not show everything.
 */
export interface PushHeld {
  readonly type: 'held'
  readonly newest: Seq
  readonly more: boolean
}

/** A push ended with an error. The draft stays. `unknown`: the message may have been sent. */
export interface PushRefused {
  readonly type: 'refused'
  readonly unknown: boolean
}

/** The session ended. The draft stays. */
export interface SessionLeft {
  readonly type: 'left'
}

/** Everything that can happen to a participant: plain JSON, in order. Its state is the fold of its facts. */
export type Fact =
  | SegmentAppended
  | SegmentUndone
  | DraftReset
  | PublishReceipt
  | SessionJoined
  | MessageArrived
  | OwnSeqsPassed
  | SeqsMissed
  | MessagesGiven
  | PushStarted
  | PushHeld
  | PushRefused
  | SessionLeft

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

/** Whether `value` is a fact, by its type. Separates facts from the other events a participant emits. */
export const isFact = (value: unknown): value is Fact =>
  typeof value === 'object' && value !== null && 'type' in value && types.has(value.type)

/**
 * Checks the content of a journal, which comes from outside this process. Throws `internal` for anything but a fact.
 */
export function checkFacts(values: readonly unknown[]): readonly Fact[] {
  for (const value of values) {
    if (!isFact(value)) {
      const what = JSON.stringify(value)?.slice(0, 60)
      throw new MidsentenceError('internal', `The journal holds a record that this version cannot read: ${what}.`)
    }
  }
  return values as readonly Fact[]
}
