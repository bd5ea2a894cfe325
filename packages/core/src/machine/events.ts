import type { MidsentenceError } from '../errors.ts'
import type { Fact } from '../participant/facts.ts'
import type { Inbound, Link, PublishRequest, Verdict } from '../ports/transport.ts'
import type { Seq } from '../room/message.ts'
import type { Answer } from './answers.ts'

/** Names one call of an action: every command is answered or refused under its own, exactly once. */
export type Call = number

/** The six actions. `at` is the monotonic clock. */
export type Command =
  | { readonly type: 'append'; readonly call: Call; readonly text: string }
  | { readonly type: 'undo'; readonly call: Call }
  | { readonly type: 'reset'; readonly call: Call }
  | { readonly type: 'preview'; readonly call: Call }
  | { readonly type: 'check'; readonly call: Call; readonly at: number }
  | {
      readonly type: 'push'
      readonly call: Call
      readonly key: string
      readonly base?: Seq
      readonly timeout_ms?: number
      readonly meta?: PublishRequest['meta']
    }

/** What the machine hears. */
export type ParticipantEvent =
  | Command
  /** The caller of `call` stopped waiting. What it asked for is forgotten, unless it is on its way to the room already. */
  | { readonly type: 'call.abandoned'; readonly call: Call }
  /** A check has waited as long as it was meant to. */
  | { readonly type: 'check.expired'; readonly call: Call }
  | { readonly type: 'inbound'; readonly item: Inbound }
  | { readonly type: 'link.up'; readonly notice?: string }
  | { readonly type: 'link.down'; readonly reason: string }
  | { readonly type: 'link.lost'; readonly reason: string }
  | { readonly type: 'yield' }
  /** The session ends: by its owner, or because its journal failed. */
  | { readonly type: 'close'; readonly error?: MidsentenceError }

/** The room's judgement, and when it came. */
export interface TimedVerdict {
  readonly verdict: Verdict
  readonly at: number
}

/** What the machine says: every fact by its own name, every answer, and what it needs from its line to the room. */
export type EmittedEvent =
  | Fact
  | { readonly type: 'answered'; readonly call: Call; readonly answer: Answer }
  | { readonly type: 'rejected'; readonly call: Call; readonly error: MidsentenceError }
  | { readonly type: 'gap.found'; readonly after: number }
  | { readonly type: 'floor.yielded' }
  | { readonly type: 'link.changed'; readonly link: Link }
  | { readonly type: 'presence.changed'; readonly sender_id: string; readonly present: boolean }
  /** An event that means nothing in this state, said rather than dropped in silence. */
  | { readonly type: 'ignored'; readonly event: string }
