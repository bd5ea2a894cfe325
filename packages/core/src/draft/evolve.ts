import type { DraftEvent, SegmentAppended } from './events.ts'
import { codePoints } from './truncate.ts'

/** One committed append. It points to the segment before it, as a Git commit to its parent. */
export interface Segment {
  readonly text: string
  /** The author's cursor when it appended: what it had read. */
  readonly base: number
  /** Code points in `text`. */
  readonly length: number
  readonly previous: Segment | undefined
}

/** A draft: a linked list of segments, so that append and undo take the same time at any length. Immutable. */
export interface Draft {
  readonly head: Segment | undefined
  /** The number of segments. */
  readonly segments: number
  /** Code points in the whole draft. */
  readonly length: number
}

export const emptyDraft: Draft = { head: undefined, segments: 0, length: 0 }

/** Returns the draft after one more event. Accepts every event: an undo of an empty draft leaves it empty. */
export function evolve(draft: Draft, event: DraftEvent): Draft {
  switch (event.type) {
    case 'appended': {
      const length = codePoints(event.text)
      const head: Segment = { text: event.text, base: event.base, length, previous: draft.head }
      return { head, segments: draft.segments + 1, length: draft.length + length }
    }
    case 'undone': {
      const top = draft.head
      if (!top) return draft
      return { head: top.previous, segments: draft.segments - 1, length: draft.length - top.length }
    }
    case 'reset':
    case 'pushed':
      return emptyDraft
  }
}

/** Returns the segments that were not undone, oldest first. O(segments). */
export function segmentsOf(draft: Draft): Segment[] {
  const segments = new Array<Segment>(draft.segments)
  let at = draft.segments
  for (let segment = draft.head; segment; segment = segment.previous) segments[--at] = segment
  return segments
}

/** Returns the shortest list of events that creates the draft. */
export const eventsOf = (draft: Draft): SegmentAppended[] =>
  segmentsOf(draft).map(({ text, base }) => ({ type: 'appended', text, base }))

/** Returns the whole text: all segments, concatenated. O(segments). */
export function textOf(draft: Draft): string {
  if (draft.segments < 2) return draft.head?.text ?? ''
  let text = ''
  for (const segment of segmentsOf(draft)) text += segment.text
  return text
}
