import type { DraftEvent } from '../../draft/events.ts'
import { type Draft, emptyDraft, evolve } from '../../draft/evolve.ts'
import { codePoints } from '../../draft/truncate.ts'

/** What is shown of a draft that its author keeps: a copy, as far as its author tells. */
export class DraftMirror {
  readonly #limit: number
  draft: Draft = emptyDraft
  #rev = 0

  /** A copy grows to `limit` characters. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Takes `facts`, after which there have been `rev` of them since the draft was told from the beginning. What continues
   * what is known, or begins anew, is taken; after a gap the author tells it all again. Answers what happened.
   */
  apply(
    facts: readonly DraftEvent[],
    rev: number,
  ): { readonly facts: readonly DraftEvent[]; readonly whole: boolean } | undefined {
    const before = rev - facts.length
    if (before !== 0 && before !== this.#rev) return undefined
    const whole = before === 0
    const events = facts.flatMap(fact => drafted(fact) ?? [])
    const draft = events.reduce(evolve, whole ? emptyDraft : this.draft)
    if (draft.length > this.#limit) return undefined
    this.draft = draft
    this.#rev = rev
    return { facts: events, whole }
  }
}

/** Only what happens to a draft is shown, and only what it takes to show it. */
function drafted(fact: DraftEvent): DraftEvent | undefined {
  switch (fact?.type) {
    case 'appended': {
      const { text, base } = fact
      const sound = typeof text === 'string' && Number.isSafeInteger(base) && codePoints(text) > 0
      return sound ? { type: 'appended', text: text.toWellFormed(), base } : undefined
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
