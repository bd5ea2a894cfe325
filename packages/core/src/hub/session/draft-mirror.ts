import type { DraftLimits } from '../../draft/decide.ts'
import type { DraftEvent } from '../../draft/events.ts'
import { type Draft, emptyDraft, evolve } from '../../draft/evolve.ts'
import { codePoints } from '../../draft/truncate.ts'

/** A copy, for observers, of a draft that its author keeps. */
export class DraftMirror {
  readonly #limits: DraftLimits
  draft: Draft = emptyDraft
  #rev = 0

  /** Refuses to grow above the length and the segments of `limits`. */
  constructor(limits: DraftLimits) {
    this.#limits = limits
  }

  /**
   * Applies `facts`, the last of `rev` facts of the draft. Takes those that follow what is known, and those that begin the
   * draft; after a gap the author sends all of them again. Returns what changed, if anything: with `whole`, all of it.
   */
  apply(
    facts: readonly DraftEvent[],
    rev: number,
  ): { readonly events: readonly DraftEvent[]; readonly whole: boolean } | undefined {
    const before = rev - facts.length
    if (before !== 0 && before !== this.#rev) return undefined
    const whole = before === 0
    const events = facts.flatMap(fact => readDraftEvent(fact) ?? [])
    const draft = events.reduce(evolve, whole ? emptyDraft : this.draft)
    if (draft.length > this.#limits.draft || draft.segments > this.#limits.segments) return undefined
    this.draft = draft
    this.#rev = rev
    return { events, whole }
  }
}

/** Copies the members of a draft event that are needed, if they are valid: the author may send anything. */
function readDraftEvent(fact: DraftEvent): DraftEvent | undefined {
  switch (fact?.type) {
    case 'appended': {
      const { text, base } = fact
      const valid = typeof text === 'string' && Number.isSafeInteger(base) && codePoints(text) > 0
      return valid ? { type: 'appended', text: text.toWellFormed(), base } : undefined
    }
    case 'pushed':
      return Number.isSafeInteger(fact.seq) ? { type: 'pushed', seq: fact.seq } : undefined
    case 'undone':
    case 'reset':
      return { type: fact.type }
    default:
      return undefined
  }
}
