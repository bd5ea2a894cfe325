/** A segment was committed: `text` is what was kept of it, `base` the author's cursor when append was called. */
export interface Appended {
  readonly type: 'appended'
  readonly text: string
  readonly base: number
}

/** The most recent segment was taken back, whole. */
export interface Undone {
  readonly type: 'undone'
}

/** The draft was emptied by its author. */
export interface DraftReset {
  readonly type: 'reset'
}

/** The draft went out as the message `seq` of its room, and is empty again. */
export interface Pushed {
  readonly type: 'pushed'
  readonly seq: number
}

/** Everything that can happen to a draft. Plain JSON, in the order it happened: the draft *is* the fold of these. */
export type DraftEvent = Appended | Undone | DraftReset | Pushed
