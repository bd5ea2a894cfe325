import type { MidsentenceError } from '../errors.ts'
import type { Fact } from '../participant/facts.ts'
import type { Inbound, Link, PublishRequest, Verdict } from '../ports/transport.ts'
import type { Seq } from '../room/message.ts'
import type { ActionAnswer } from './answers.ts'

/** Identifies one call of an action. Each command is answered or rejected once, under its call. */
export type CallId = number

/** The six actions. `at` is the time of the call on the monotonic clock. */
export type ParticipantCommand =
  | { readonly type: 'append'; readonly call: CallId; readonly text: string }
  | { readonly type: 'undo'; readonly call: CallId }
  | { readonly type: 'reset'; readonly call: CallId }
  | { readonly type: 'preview'; readonly call: CallId }
  | { readonly type: 'check'; readonly call: CallId; readonly at: number }
  | {
      readonly type: 'push'
      readonly call: CallId
      readonly key: string
      readonly base?: Seq
      readonly timeout_ms?: number
      readonly meta?: PublishRequest['meta']
    }

/** The events that the machine accepts. */
export type ParticipantEvent =
  | ParticipantCommand
  /** The caller of `call` stopped waiting. The command is dropped, unless it was already sent to the room. */
  | { readonly type: 'call.abandoned'; readonly call: CallId }
  /** The time-out of a check is over. */
  | { readonly type: 'check.expired'; readonly call: CallId }
  | { readonly type: 'inbound'; readonly item: Inbound }
  | { readonly type: 'link.up'; readonly notice?: string }
  | { readonly type: 'link.down'; readonly reason: string }
  | { readonly type: 'link.lost'; readonly reason: string }
  | { readonly type: 'yield' }
  /** The session ends: by its owner, or because its journal failed. */
  | { readonly type: 'close'; readonly error?: MidsentenceError }

/** The verdict of the room, and when it arrived on the monotonic clock. */
export interface TimedVerdict {
  readonly verdict: Verdict
  readonly at: number
}

/** The events that the machine emits: every fact under its own type, every answer, and requests to its transport. */
export type EmittedEvent =
  | Fact
  | { readonly type: 'answered'; readonly call: CallId; readonly answer: ActionAnswer }
  | { readonly type: 'rejected'; readonly call: CallId; readonly error: MidsentenceError }
  | { readonly type: 'gap.found'; readonly after: number }
  | { readonly type: 'floor.yielded' }
  | { readonly type: 'link.changed'; readonly link: Link }
  /** A participant came or went, or began or stopped writing. */
  | {
      readonly type: 'presence.changed'
      readonly sender_id: string
      readonly present: boolean
      readonly writing: boolean
    }
  /** A person silences the models of the room, or no longer. */
  | { readonly type: 'hush.changed'; readonly on: boolean }
  /** An event without effect in the current state; emitted so that it is visible. */
  | { readonly type: 'ignored'; readonly event: string }
