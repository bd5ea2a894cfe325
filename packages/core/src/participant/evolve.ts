import { type Draft, emptyDraft, evolve as evolveDraft, segmentsOf } from '../draft/evolve.ts'
import { countHold, type HoldStreak, noStreak } from '../room/hold.ts'
import type { Message, Seq } from '../room/message.ts'
import type { SessionIdentity } from '../room/session-identity.ts'
import type { RoomPolicy } from '../room/settings.ts'
import type { Fact, PushStarted } from './facts.ts'
import {
  cursorOf,
  hasUnreported,
  type Inbox,
  inboxAt,
  markGiven,
  markMissed,
  receive,
  rejoinAt,
  skipRange,
} from './inbox.ts'

/** The durable state of a participant: its draft, its inbox and its session. Immutable. */
export interface ParticipantState {
  readonly draft: Draft
  readonly inbox: Inbox
  readonly session: SessionIdentity | undefined
  /** The name that the participant asked for, where the server gave it another one. */
  readonly joined_as?: string
  readonly policy: RoomPolicy
  /** Messages up to here were said before the join: they count as read. */
  readonly head: Seq
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
  head: 0,
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
      const before = state.session
      const renamed = before && before.sender_id !== session.sender_id ? session.sender_id : state.inbox.renamed
      const inbox = renamed === state.inbox.renamed ? state.inbox : { ...state.inbox, renamed }
      const joined_as =
        fact.joined_as ?? state.joined_as ?? (before?.sender_id === session.sender_id ? undefined : before?.sender_id)
      const joined = { ...state, session, policy, ...(joined_as !== undefined && { joined_as }) }
      if (fact.resumed) return { ...joined, inbox }
      return {
        ...joined,
        head: fact.head ?? 0,
        inbox: before
          ? rejoinAt(inbox, fact.cursor, before.log === session.log ? 'session' : 'room')
          : inboxAt(fact.cursor),
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
      return { ...state, inbox: markGiven(state.inbox, fact.through, fact.earlier) }
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
  const { session, inbox, draft, policy, joined_as } = state
  if (!session || state.pushing || state.holdStreak.count > 0) return undefined
  if (hasUnreported(inbox) || inbox.rejoined || inbox.renamed !== undefined) return undefined
  let through = cursorOf(inbox)
  const head = state.head > through ? { head: state.head } : {}
  const name = joined_as === undefined ? {} : { joined_as }
  const facts: Fact[] = [{ type: 'joined', session, cursor: through, policy, resumed: false, ...head, ...name }]
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

/** Returns what the participant has read: a push is judged by it. It is the cursor, and at least the head at the join. */
export const baseOf = ({ inbox, head }: ParticipantState): Seq => Math.max(cursorOf(inbox), head)

/** Returns how many of `messages`, from the first, were said before the participant joined. */
export function historyOf({ head }: ParticipantState, messages: readonly Message[]): number {
  if (head === 0) return 0
  const first = messages.findIndex(({ seq }) => seq > head)
  return first < 0 ? messages.length : first
}
