/** A segment was committed: `text` is its accepted part, `base` the author's cursor at the append. */
export interface SegmentAppended {
  readonly type: 'appended'
  readonly text: string
  readonly base: number
}

/** The newest segment was removed, whole. */
export interface SegmentUndone {
  readonly type: 'undone'
}

/** The author emptied the draft. */
export interface DraftReset {
  readonly type: 'reset'
}

/** The draft was sent as message `seq` of its room and is empty again. */
export interface DraftPushed {
  readonly type: 'pushed'
  readonly seq: number
}

/** Everything that can happen to a draft: plain JSON, in order. The draft is the fold of its events. */
export type DraftEvent = SegmentAppended | SegmentUndone | DraftReset | DraftPushed
