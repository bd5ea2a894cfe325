import { type Draft, emptyDraft, evolve } from '../draft/evolve.ts'
import type { Seq } from '../room/message.ts'
import { ANSWERS_KEPT, type IdempotencyRecord, type PersistedSession, type SessionFact } from './facts.ts'

/** The durable state of a session. Immutable except for `answers`, which belongs to the newest state. */
export interface SessionState {
  readonly cursor: Seq
  readonly draft: Draft
  /** The number of sent pushes of the hosted draft. The next push has this number plus one. */
  readonly pushes: number
  readonly answers: Map<string, IdempotencyRecord>
}

export const newSession = (cursor: Seq): SessionState => ({ cursor, draft: emptyDraft, pushes: 0, answers: new Map() })

/**
 * Returns the state after one more fact. Facts derived from the room log may come before the session's own, as after a
 * restart: facts about the draft of a sent push are ignored either way.
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
      for (const record of fact.kept) remember(state.answers, record)
      const draft = fact.push <= state.pushes ? state.draft : fact.draft.reduce(evolve, emptyDraft)
      return { cursor: Math.max(state.cursor, fact.given), draft, pushes: state.pushes, answers: state.answers }
    }
    case 'lapsed':
    case 'returned':
      return state
    case 'closed':
      return { ...state, draft: emptyDraft }
  }
}

/** Returns what the log has of a session besides its state, after it lapsed or returned. */
export function evolvePersisted(
  session: PersistedSession,
  fact: Extract<SessionFact, { type: 'lapsed' | 'returned' }>,
): PersistedSession {
  if (fact.type === 'lapsed') return { ...session, lapsed: true, used_at: fact.used_at }
  const { lapsed: _, used_at: __, ...rest } = session
  const { sender_id, joined_as = sender_id } = rest
  return fact.sender_id === sender_id ? rest : { ...rest, sender_id: fact.sender_id, joined_as }
}

function remember(answers: Map<string, IdempotencyRecord>, record: IdempotencyRecord): void {
  answers.set(record.key, record)
  if (answers.size > ANSWERS_KEPT) answers.delete(answers.keys().next().value!)
}
