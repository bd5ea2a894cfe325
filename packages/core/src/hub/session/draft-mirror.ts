import type { DraftLimits } from '../../draft/decide.ts'
import type { DraftEvent } from '../../draft/events.ts'
import { type Draft, emptyDraft, evolve, textOf } from '../../draft/evolve.ts'
import { codePoints } from '../../draft/truncate.ts'
import type { Seq } from '../../room/message.ts'

/** A copy, for observers, of a draft that its author keeps. */
export class DraftMirror {
  readonly #limits: DraftLimits
  draft: Draft = emptyDraft
  #rev = 0
  /** The message that the draft became, until its author shows a draft as a whole. */
  #sent: Seq = 0

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
    if (whole) this.#sent = 0
    const read = facts.flatMap(fact => readDraftEvent(fact) ?? [])
    // The author says what `sent` has said.
    const events = read.filter(event => event.type !== 'pushed' || event.seq !== this.#sent)
    const draft = events.reduce(evolve, whole ? emptyDraft : this.draft)
    if (draft.length > this.#limits.draft || draft.segments > this.#limits.segments) return undefined
    this.draft = draft
    this.#rev = rev
    return events.length > 0 || whole ? { events, whole } : undefined
  }

  /** Empties the draft if it is `content`, which became message `seq`. Returns what changed, if anything. */
  sent(content: string, seq: Seq): readonly DraftEvent[] | undefined {
    if (textOf(this.draft) !== content) return undefined
    this.draft = emptyDraft
    this.#sent = seq
    return [{ type: 'pushed', seq }]
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
