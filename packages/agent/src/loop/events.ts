import type { Floor, Message, Seq } from '@midsentence/core'

/** Why a model is asked again about what it had written. */
export type ReviewReason = 'interrupted' | 'held' | 'broken' | 'refused' | 'left over'

/** Tokens that were used. `estimated` where the endpoint did not say, from the length of what went over. */
export interface TokenUsage {
  readonly input: number
  readonly output: number
  readonly estimated: boolean
}

/** Why a conversation ended. */
export type EndReason =
  /** Its signal. */
  | 'stopped'
  /** Turns or tokens are used up. */
  | 'budget'
  /** The model does not answer, or refuses: the sentence says what is wrong. */
  | 'failed'
  /** The room is gone, or was left elsewhere. */
  | 'lost'

/** Something that happened in a conversation. Plain data; `at` is milliseconds since 1970. */
export type ConverseEvent = { readonly at: number } & (
  | { readonly type: 'joined'; readonly name: string }
  /** Messages were taken from the room. They are shown to the model with its next prompt. */
  | { readonly type: 'heard'; readonly messages: readonly Message[] }
  /** The model is asked what to say; `why` is absent where it begins a message. */
  | { readonly type: 'asked'; readonly turn: number; readonly why?: ReviewReason; readonly shown: readonly Seq[] }
  /** A segment was appended to the draft. */
  | { readonly type: 'wrote'; readonly segment: number; readonly text: string }
  /** A message claimed attention: the generation is aborted. `segments` is what was committed before. */
  | { readonly type: 'interrupted'; readonly by: Message; readonly segments: number }
  /** Asked again, the model stands by the first `segments` of `of`. */
  | { readonly type: 'kept'; readonly segments: number; readonly of: number }
  | { readonly type: 'held'; readonly floor?: Floor }
  | { readonly type: 'sent'; readonly seq: Seq; readonly content: string; readonly crossed?: readonly Seq[] }
  /** The model says nothing; a draft that was begun is thrown away. */
  | { readonly type: 'silent' }
  /** Something went wrong, told in a sentence; it is tried again after `retry_ms`, where that is there. */
  | { readonly type: 'trouble'; readonly sentence: string; readonly retry_ms?: number }
  | ({ readonly type: 'spent' } & TokenUsage)
  | { readonly type: 'left'; readonly reason: EndReason; readonly sentence: string; readonly unsent: string }
)

/** An event before it is stamped. */
export type UnstampedEvent = ConverseEvent extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never
