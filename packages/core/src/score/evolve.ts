import { type Draft, emptyDraft, eventsOf, evolve } from '../draft/evolve.ts'
import type { Seq } from '../room/message.ts'
import type { ScoredParticipant, ScoreEvent } from './records.ts'

/** A participant, as the records so far tell. */
export interface ScoreLane {
  readonly away: boolean
  readonly given: Seq
  readonly draft: Draft
}

/** A room at one position of its score. */
export interface ScoreState {
  /** By name, in the order in which they came. */
  readonly lanes: ReadonlyMap<string, ScoreLane>
  /** Who has the floor. */
  readonly floor: string | undefined
}

export const emptyScore: ScoreState = { lanes: new Map(), floor: undefined }

const newLane: ScoreLane = { away: false, given: 0, draft: emptyDraft }

/**
 * Returns the state after one more record. Accepts every record, also of a participant that it does not know. Live
 * records, history and files all fold with it. O(participants).
 */
export function evolveScore(state: ScoreState, event: ScoreEvent): ScoreState {
  switch (event.type) {
    case 'joined':
      return withLane(state, event.sender_id, lane => ({ ...lane, away: false }))
    case 'left':
      return event.away ? withLane(state, event.sender_id, lane => ({ ...lane, away: true })) : without(state, event)
    case 'appended':
    case 'undone':
    case 'reset':
    case 'pushed':
      return withLane(state, event.sender_id, lane => ({ ...lane, draft: evolve(lane.draft, event) }))
    case 'draft':
      return withLane(state, event.sender_id, lane => ({ ...lane, draft: event.draft.reduce(evolve, emptyDraft) }))
    case 'given':
      return withLane(state, event.sender_id, lane => ({ ...lane, given: Math.max(lane.given, event.seq) }))
    case 'floor.granted':
      return { ...state, floor: event.sender_id }
    case 'floor.ended':
      return { ...state, floor: undefined }
    case 'state':
      return { lanes: new Map(event.participants.map(each => [each.sender_id, laneOf(each)])), floor: event.floor }
    case 'stopped':
      return emptyScore
    default:
      return state
  }
}

/** Returns the `state` record that leads to `state`. */
export function stateEventOf({ lanes, floor }: ScoreState): Extract<ScoreEvent, { readonly type: 'state' }> {
  const participants = [...lanes].map(([sender_id, { away, given, draft }]) => ({
    sender_id,
    ...(away && { away: true as const }),
    given,
    draft: eventsOf(draft),
  }))
  return { type: 'state', participants, ...(floor !== undefined && { floor }) }
}

const laneOf = ({ away, given, draft }: ScoredParticipant): ScoreLane => ({
  away: away === true,
  given,
  draft: draft.reduce(evolve, emptyDraft),
})

function withLane({ lanes, floor }: ScoreState, name: string, change: (lane: ScoreLane) => ScoreLane): ScoreState {
  return { lanes: new Map(lanes).set(name, change(lanes.get(name) ?? newLane)), floor }
}

function without({ lanes, floor }: ScoreState, { sender_id }: { readonly sender_id: string }): ScoreState {
  const others = new Map(lanes)
  others.delete(sender_id)
  return { lanes: others, floor }
}
