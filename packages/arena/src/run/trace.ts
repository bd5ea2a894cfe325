import type { Seq } from '@midsentence/core'

/** What an author did, written by the author. Times in milliseconds since the start of the run. */
export type TraceEvent = { readonly at: number } & (
  | {
      /** It began to want to say something. */
      readonly type: 'wanted'
    }
  | {
      /** It called its model: `fresh` tokens were new to it, `cached` ones it had read before. */
      readonly type: 'asked'
      readonly fresh: number
      readonly cached: number
    }
  | {
      /** It has read every message up to `seq`. */
      readonly type: 'read'
      readonly seq: Seq
    }
  | { readonly type: 'wrote'; readonly text: string }
  | { readonly type: 'undid'; readonly text: string }
  | { readonly type: 'reviewed'; readonly why: 'interrupted' | 'finished' | 'held' }
  | { readonly type: 'pushed' }
  | { readonly type: 'held'; readonly floor: boolean }
  | {
      /** Its message is in the room. */
      readonly type: 'sent'
      readonly content: string
      readonly seq: Seq
    }
  | {
      /** It gave up what it wanted to say, since others made it moot. */
      readonly type: 'withdrew'
    }
)

export type TraceEntry = TraceEvent extends infer Event ? (Event extends TraceEvent ? Omit<Event, 'at'> : never) : never
