import { type Draft, emptyDraft, evolve } from '../draft/evolve.ts'
import type { Seq } from '../room/message.ts'
import { ANSWERS_KEPT, type IdempotencyRecord, type SessionFact } from './facts.ts'

/** What is durable of a session. Immutable but for `answers`, which belongs to the newest state. */
export interface SessionState {
  readonly cursor: Seq
  readonly draft: Draft
  /** How many pushes of the hosted draft went out: the number of the next one is one more. */
  readonly pushes: number
  readonly answers: Map<string, IdempotencyRecord>
}

export const newSession = (cursor: Seq): SessionState => ({ cursor, draft: emptyDraft, pushes: 0, answers: new Map() })

/**
 * The session after one more fact. What is derived from the room's log may come before the session's own facts, as it
 * does after a restart: what was written for a push that went out is gone either way.
 */
export function evolveSession(state: SessionState, fact: SessionFact): SessionState {
  switch (fact.type) {
    case 'opened':
      return newSession(fact.cursor)
    case 'acted': {
      if (fact.kept) remember(state.answers, fact.kept)
      const stale = fact.push <= state.pushes
      const draft = fact.drafted && !stale ? evolve(state.draft, fact.drafted) : state.draft
      const cursor = Math.max(state.cursor, fact.given ?? 0)
      if (draft === state.draft && cursor === state.cursor) return state
      return { cursor, draft, pushes: state.pushes, answers: state.answers }
    }
    case 'sent': {
      if (fact.kept) remember(state.answers, fact.kept)
      const cursor = Math.max(state.cursor, fact.through)
      if (fact.push <= state.pushes)
        return cursor === state.cursor
          ? state
          : { cursor, draft: state.draft, pushes: state.pushes, answers: state.answers }
      return { cursor, draft: emptyDraft, pushes: fact.push, answers: state.answers }
    }
    case 'snapshot': {
      for (const kept of fact.kept) remember(state.answers, kept)
      const draft = fact.push <= state.pushes ? state.draft : fact.draft.reduce(evolve, emptyDraft)
      return { cursor: Math.max(state.cursor, fact.given), draft, pushes: state.pushes, answers: state.answers }
    }
    case 'closed':
      return { ...state, draft: emptyDraft }
  }
}

function remember(answers: Map<string, IdempotencyRecord>, kept: IdempotencyRecord): void {
  answers.set(kept.key, kept)
  if (answers.size > ANSWERS_KEPT) answers.delete(answers.keys().next().value!)
}
