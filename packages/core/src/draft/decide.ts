import type { DraftEvent } from './events.ts'
import { type Draft, emptyDraft, evolve } from './evolve.ts'
import { suffixOf } from './suffix.ts'
import { codePoints, truncate } from './truncate.ts'

/** Lengths in code points. The defaults let every message fit one page of an answer. */
export interface DraftLimits {
  /** The longest segment one append commits. */
  readonly segment: number
  /** The longest draft. */
  readonly draft: number
}

export const defaultLimits: DraftLimits = { segment: 1000, draft: 20_000 }

/** 1 done, 2 partly done, 0 well-formed but nothing done. */
export type Status = 0 | 1 | 2

/** What an action does to a draft: the draft afterwards, the events that lead there, and what its author is told. */
export interface DraftChange {
  readonly draft: Draft
  readonly events: readonly DraftEvent[]
  readonly status: Status
  readonly suffix: string
}

export interface AppendChange extends DraftChange {
  /** Code points kept. */
  readonly accepted: number
  /** Code points left out, for the author to append again. */
  readonly dropped: number
}

/** Commits `text` as one segment: 1 kept whole, 2 cut, 0 where it is empty or nothing fits. `base` is the author's cursor. */
export function append(draft: Draft, text: string, base = 0, limits: DraftLimits = defaultLimits): AppendChange {
  const kept = truncate(text, limits.segment, limits.draft - draft.length)
  if (kept === '') {
    return { draft, events: [], status: 0, suffix: suffixOf(draft), accepted: 0, dropped: codePoints(text) }
  }
  const event: DraftEvent = { type: 'appended', text: kept, base }
  const next = evolve(draft, event)
  const accepted = next.length - draft.length
  const dropped = kept.length === text.length ? 0 : codePoints(text) - accepted
  return { draft: next, events: [event], status: dropped > 0 ? 2 : 1, suffix: suffixOf(next), accepted, dropped }
}

/** Takes back the most recent segment, whole: 1, or 0 where there is none. */
export function undo(draft: Draft): DraftChange {
  if (!draft.head) return { draft, events: [], status: 0, suffix: '' }
  const event: DraftEvent = { type: 'undone' }
  const next = evolve(draft, event)
  return { draft: next, events: [event], status: 1, suffix: suffixOf(next) }
}

/** Empties the draft: 1, also when it was empty. */
export function reset(draft: Draft): DraftChange {
  return { draft: emptyDraft, events: draft.head ? [{ type: 'reset' }] : [], status: 1, suffix: '' }
}
