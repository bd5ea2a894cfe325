import type { DraftEvent, Inbound, MidsentenceError, PublishRequest, Seq, Verdict } from '@midsentence/core'

/** A frame from a peer to its room. `id` pairs a publish with its answer. */
export type ClientFrame =
  | { readonly type: 'publish'; readonly id: number; readonly request: PublishRequest }
  | { readonly type: 'resume'; readonly after: Seq }
  | { readonly type: 'yield' }
  | { readonly type: 'draft'; readonly facts: readonly DraftEvent[]; readonly rev: number }
  | { readonly type: 'writing'; readonly writing: boolean }

/** A frame from a room to its peer. */
export type ServerFrame =
  | { readonly type: 'inbound'; readonly item: Inbound }
  | { readonly type: 'verdict'; readonly id: number; readonly verdict: Verdict }
  | { readonly type: 'error'; readonly id: number; readonly error: MidsentenceError }
