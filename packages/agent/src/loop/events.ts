import type { Floor, Message, Seq } from '@midsentence/core'

/** Why a model has to review its draft. */
export type ReviewReason = 'interrupted' | 'held' | 'broken' | 'refused' | 'left over' | 'unclear'

/** Tokens of one model call. `estimated` is true when the endpoint did not report them. */
export interface TokenUsage {
  readonly input: number
  readonly output: number
  readonly estimated: boolean
}

/** Why a conversation ended. */
export type EndReason =
  /** Its signal was aborted. */
  | 'stopped'
  /** The budget of turns or tokens is used up. */
  | 'budget'
  /** The model failed permanently, or in three turns in a row. */
  | 'failed'
  /** The room is gone, or another process left it. */
  | 'lost'

/**
 * An event of a conversation, as plain data. `at` is in milliseconds since 1970. In `joined`, `observable` means that observers
 * of the room see the draft while the model writes it, and `recorded` that what they see is kept.
 */
export type ConverseEvent = { readonly at: number } & (
  | { readonly type: 'joined'; readonly name: string; readonly observable?: true; readonly recorded?: true }
  /** Messages were read from the room. The next prompt shows them to the model. The first `history` are from before it came. */
  | { readonly type: 'heard'; readonly messages: readonly Message[]; readonly history?: number }
  /** The model is prompted. `why` is absent for a new message. `shown` lists the new messages in the prompt. */
  | { readonly type: 'asked'; readonly turn: number; readonly why?: ReviewReason; readonly shown: readonly Seq[] }
  /** The model reasons, in text that is not sent. Once for each answer. */
  | { readonly type: 'thinking' }
  /** A segment was appended to the draft. */
  | { readonly type: 'wrote'; readonly segment: number; readonly text: string }
  /** The message `by` aborted the generation, with `segments` in the draft. */
  | { readonly type: 'interrupted'; readonly by: Message; readonly segments: number }
  /** After a review the model keeps the first `segments` of `of`. */
  | { readonly type: 'kept'; readonly segments: number; readonly of: number }
  /** A push was held or refused. `floor` is present when somebody has the floor. */
  | { readonly type: 'held'; readonly floor?: Floor }
  | { readonly type: 'sent'; readonly seq: Seq; readonly content: string; readonly crossed?: readonly Seq[] }
  /** The model has nothing to say. A draft was discarded. */
  | { readonly type: 'silent' }
  /** An error, in a sentence. It is retried after `retry_ms`, if that is present. `waits`: the next message begins a new turn. */
  | { readonly type: 'trouble'; readonly sentence: string; readonly retry_ms?: number; readonly waits?: true }
  | ({ readonly type: 'spent' } & TokenUsage)
  | { readonly type: 'left'; readonly reason: EndReason; readonly sentence: string; readonly unsent: string }
)

/** An event without its time. */
export type UnstampedEvent = ConverseEvent extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never
