import { type Draft, emptyDraft, evolve as evolveDraft, segmentsOf } from '../draft/evolve.ts'
import { countHold, type HoldStreak, noStreak } from '../room/hold.ts'
import type { SessionIdentity } from '../room/session-identity.ts'
import type { RoomPolicy } from '../room/settings.ts'
import type { Fact, PushStarted } from './facts.ts'
import { cursorOf, type Inbox, inboxAt, markGiven, markMissed, receive, skipRange } from './inbox.ts'

/** The durable state of a participant: its draft, its inbox and its session. Immutable. */
export interface ParticipantState {
  readonly draft: Draft
  readonly inbox: Inbox
  readonly session: SessionIdentity | undefined
  readonly policy: RoomPolicy
  /** The push whose verdict is not known. */
  readonly pushing: PushStarted | undefined
  /** Consecutive holds, counted here for rooms that do not hold. */
  readonly holdStreak: HoldStreak
}

export const newParticipant: ParticipantState = {
  draft: emptyDraft,
  inbox: inboxAt(0),
  session: undefined,
  policy: 'hold',
  pushing: undefined,
  holdStreak: noStreak,
}

/** Returns the participant after one more fact. */
export function evolveParticipant(state: ParticipantState, fact: Fact): ParticipantState {
  switch (fact.type) {
    case 'appended':
    case 'undone':
    case 'reset':
      return { ...state, draft: evolveDraft(state.draft, fact) }
    case 'pushed':
      return {
        ...state,
        draft: evolveDraft(state.draft, fact),
        inbox: skipRange(state.inbox, fact.seq, fact.seq),
        pushing: undefined,
        holdStreak: noStreak,
      }
    case 'joined': {
      const { session, policy } = fact
      if (fact.resumed) return { ...state, session, policy }
      const rejoined = state.session !== undefined
      return {
        ...state,
        session,
        policy,
        inbox: inboxAt(fact.cursor, rejoined),
        pushing: undefined,
        holdStreak: noStreak,
      }
    }
    case 'arrived':
      return { ...state, inbox: receive(state.inbox, fact.message) }
    case 'passed':
      return { ...state, inbox: skipRange(state.inbox, fact.from, fact.to) }
    case 'missed':
      return { ...state, inbox: markMissed(state.inbox, fact.from, fact.to) }
    case 'given':
      return { ...state, inbox: markGiven(state.inbox, fact.through) }
    case 'pushing':
      return { ...state, pushing: fact }
    case 'held':
      return { ...state, pushing: undefined, holdStreak: countHold(state.holdStreak, fact.newest, fact.more) }
    case 'refused':
      return { ...state, pushing: undefined }
    case 'left':
      return { ...newParticipant, draft: state.draft }
  }
}

/** Returns the state that a list of facts leads to. Every prefix of a list leads to a valid state. */
export const replay = (facts: Iterable<Fact>, from: ParticipantState = newParticipant): ParticipantState => {
  let state = from
  for (const fact of facts) state = evolveParticipant(state, fact)
  return state
}

/**
 * Returns the shortest list of facts that leads to the same state. Returns undefined while a push, a streak of holds or an
 * unreported loss is pending, which the short list could not express.
 */
export function compact(state: ParticipantState): Fact[] | undefined {
  const { session, inbox, draft, policy } = state
  if (!session || state.pushing || inbox.missed || inbox.rejoined || state.holdStreak.count > 0) return undefined
  const facts: Fact[] = [{ type: 'joined', session, cursor: cursorOf(inbox), policy, resumed: false }]
  let through = cursorOf(inbox)
  for (const message of inbox.unseen) {
    if (message.seq > through + 1) facts.push({ type: 'passed', from: through + 1, to: message.seq - 1 })
    facts.push({ type: 'arrived', message })
    through = message.seq
  }
  if (inbox.through > through) facts.push({ type: 'passed', from: through + 1, to: inbox.through })
  for (const seq of inbox.own) facts.push({ type: 'passed', from: seq, to: seq })
  for (const message of inbox.outOfOrder) facts.push({ type: 'arrived', message })
  for (const { text, base } of segmentsOf(draft)) facts.push({ type: 'appended', text, base })
  return facts
}
