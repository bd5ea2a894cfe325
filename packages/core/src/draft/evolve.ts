import type { Appended, DraftEvent } from './events.ts'
import { codePoints } from './truncate.ts'

/** One append, committed. A segment points at the one below it, as a Git commit at its parent. */
export interface Segment {
  readonly text: string
  /** The author's cursor when append was called: what its author knew. */
  readonly base: number
  /** Code points in `text`. */
  readonly length: number
  readonly previous: Segment | undefined
}

/** A private draft: a chain of segments, so that append and undo cost the same at any length. Immutable. */
export interface Draft {
  readonly head: Segment | undefined
  /** How many segments there are. */
  readonly segments: number
  /** Code points in the whole draft. */
  readonly length: number
}

export const emptyDraft: Draft = { head: undefined, segments: 0, length: 0 }

/** The draft after one more event. Total: an undo of an empty draft leaves it empty. */
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

/** The surviving segments, oldest first. O(segments). */
export function segmentsOf(draft: Draft): Segment[] {
  const found = new Array<Segment>(draft.segments)
  let at = draft.segments
  for (let segment = draft.head; segment; segment = segment.previous) found[--at] = segment
  return found
}

/** The shortest events that make up the draft from the beginning. */
export const eventsOf = (draft: Draft): Appended[] =>
  segmentsOf(draft).map(({ text, base }) => ({ type: 'appended', text, base }))

/** The whole text: the surviving segments joined by nothing. O(segments). */
export function textOf(draft: Draft): string {
  if (draft.segments < 2) return draft.head?.text ?? ''
  let text = ''
  for (const segment of segmentsOf(draft)) text += segment.text
  return text
}
