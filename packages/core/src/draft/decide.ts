import type { DraftEvent } from './events.ts'
import { type Draft, emptyDraft, evolve } from './evolve.ts'
import { suffixOf } from './suffix.ts'
import { codePoints, truncate } from './truncate.ts'

/** Limits of a draft; lengths in code points. With the defaults every message fits one page of an answer. */
export interface DraftLimits {
  /** The longest segment that one append commits. Default 1,000. */
  readonly segment: number
  /** The longest draft. Default 20,000. */
  readonly draft: number
  /** The most segments of a draft: previews list each. Default 2,000. */
  readonly segments: number
}

export const defaultLimits: DraftLimits = { segment: 1000, draft: 20_000, segments: 2000 }

/** 1 done, 2 partly done, 0 valid but nothing done. */
export type Status = 0 | 1 | 2

/** The result of an action on a draft: the new draft, its events, and the answer to the author. */
export interface DraftChange {
  /** The draft after the action. */
  readonly draft: Draft
  readonly events: readonly DraftEvent[]
  readonly status: Status
  /** The end of the draft, at most 80 code points. */
  readonly suffix: string
}

export interface AppendChange extends DraftChange {
  /** Code points kept. */
  readonly accepted: number
  /** Code points left out; append them again. */
  readonly dropped: number
}

/**
 * Commits `text` as one segment. `base` is the author's cursor. Status 1: kept whole; 2: cut; 0: `text` is empty,
 * nothing fits, or the draft has all its segments. Cuts fall between grapheme clusters.
 *
 * @example
 * const { draft, status, dropped } = append(emptyDraft, 'Hello', 7)
 */
export function append(draft: Draft, text: string, base = 0, limits: DraftLimits = defaultLimits): AppendChange {
  const kept = draft.segments < limits.segments ? truncate(text, limits.segment, limits.draft - draft.length) : ''
  if (kept === '') {
    return { draft, events: [], status: 0, suffix: suffixOf(draft), accepted: 0, dropped: codePoints(text) }
  }
  const event: DraftEvent = { type: 'appended', text: kept, base }
  const next = evolve(draft, event)
  const accepted = next.length - draft.length
  const dropped = kept.length === text.length ? 0 : codePoints(text) - accepted
  return { draft: next, events: [event], status: dropped > 0 ? 2 : 1, suffix: suffixOf(next), accepted, dropped }
}

/** Removes the newest segment, whole. Status 1, or 0 for an empty draft. */
export function undo(draft: Draft): DraftChange {
  if (!draft.head) return { draft, events: [], status: 0, suffix: '' }
  const event: DraftEvent = { type: 'undone' }
  const next = evolve(draft, event)
  return { draft: next, events: [event], status: 1, suffix: suffixOf(next) }
}

/** Empties the draft. Status 1, also for an empty draft. */
export function reset(draft: Draft): DraftChange {
  return { draft: emptyDraft, events: draft.head ? [{ type: 'reset' }] : [], status: 1, suffix: '' }
}
