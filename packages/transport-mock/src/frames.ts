import type { DraftEvent, Inbound, MidsentenceError, PublishRequest, Seq, Verdict } from '@midsentence/core'

/** What a peer sends its room. `attempt` pairs an answer with its question. */
export type Upward =
  | { readonly type: 'publish'; readonly attempt: number; readonly request: PublishRequest }
  | { readonly type: 'resume'; readonly after: Seq }
  | { readonly type: 'yield' }
  | { readonly type: 'show'; readonly facts: readonly DraftEvent[]; readonly rev: number }

/** What a room sends its peer. */
export type Downward =
  | { readonly type: 'inbound'; readonly item: Inbound }
  | { readonly type: 'verdict'; readonly attempt: number; readonly verdict: Verdict }
  | { readonly type: 'refused'; readonly attempt: number; readonly error: MidsentenceError }
