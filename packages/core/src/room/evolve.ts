import type { RoomFact, WaitingPublish } from './facts.ts'
import { countHold, countWait, type HoldStreak, noStreak } from './hold.ts'
import type { Seq } from './message.ts'
import { nameKey } from './names.ts'
import { addMessage, emptySequence, newestOther, type Sequence } from './sequence.ts'

/** The current floor. */
export interface ActiveFloor {
  readonly session: string
  readonly name: string
  readonly since: number
  readonly until: number
  /** Whether an answer has told its holder. The first such answer restarts its time. */
  readonly announced: boolean
  /**
   * The newest message from others when it began. A later message sent regardless of the floor does not hold its holder.
   */
  readonly newest: Seq
}

/**
 * The state that decides about pushes: a fold of the room's facts. Immutable. Only `sequence` must survive a restart.
 */
export interface RoomState {
  readonly sequence: Sequence
  /** Consecutive holds, by session. */
  readonly holdStreaks: ReadonlyMap<string, HoldStreak>
  readonly floor: ActiveFloor | undefined
  /** Participants that earned the floor while another one had it, in order. */
  readonly floorQueue: readonly { readonly session: string; readonly name: string }[]
  /** Until when a name gets no floor, by its lower case. */
  readonly cooldowns: ReadonlyMap<string, number>
  /** Pushes that wait for a floor to end, in the order of their calls. */
  readonly waiting: readonly WaitingPublish[]
}

export const emptyRoom: RoomState = {
  sequence: emptySequence,
  holdStreaks: new Map(),
  floor: undefined,
  floorQueue: [],
  cooldowns: new Map(),
  waiting: [],
}

/** Returns the room after one more fact. */
export function evolveRoom(room: RoomState, fact: RoomFact): RoomState {
  switch (fact.type) {
    case 'sent': {
      // Copies member by member, since every message takes this path.
      const { holdStreaks, floor, floorQueue, cooldowns, waiting } = clearSession(room, fact.session, fact.push)
      return { sequence: addMessage(room.sequence, fact.session), holdStreaks, floor, floorQueue, cooldowns, waiting }
    }
    case 'held': {
      const streak = streakOf(room, fact.session)
      return {
        ...removeWaiting(room, fact.push),
        holdStreaks: withEntry(room.holdStreaks, fact.session, countHold(streak, fact.newest, fact.more)),
      }
    }
    case 'timed-out':
      if (fact.uncounted) return removeWaiting(room, fact.push)
      return {
        ...removeWaiting(room, fact.push),
        holdStreaks: withEntry(room.holdStreaks, fact.session, countWait(streakOf(room, fact.session))),
      }
    case 'parked':
      return { ...room, waiting: [...room.waiting, fact.waiting] }
    case 'floor.earned':
      return { ...room, floorQueue: [...room.floorQueue, { session: fact.session, name: fact.name }] }
    case 'floor.granted': {
      const { session, name, at: since, until } = fact
      const newest = newestOther(room.sequence, session)
      return { ...leaveFloorQueue(room, session), floor: { session, name, since, until, announced: false, newest } }
    }
    case 'floor.told':
      return room.floor ? { ...room, floor: { ...room.floor, until: fact.until, announced: true } } : room
    case 'floor.ended': {
      const cooldowns = new Map([...room.cooldowns].filter(([, until]) => until > fact.at))
      cooldowns.set(nameKey(fact.name), fact.rest_until)
      return { ...room, floor: undefined, cooldowns, holdStreaks: withoutEntry(room.holdStreaks, fact.session) }
    }
    case 'left':
      return {
        ...clearSession(room, fact.session),
        waiting: room.waiting.filter(publish => publish.session !== fact.session),
      }
  }
}

export const streakOf = (room: RoomState, session: string): HoldStreak => room.holdStreaks.get(session) ?? noStreak

function clearSession(room: RoomState, session: string, push?: string): RoomState {
  const left = leaveFloorQueue(push === undefined ? room : removeWaiting(room, push), session)
  return room.holdStreaks.has(session) ? { ...left, holdStreaks: withoutEntry(room.holdStreaks, session) } : left
}

const leaveFloorQueue = (room: RoomState, session: string): RoomState =>
  room.floorQueue.length === 0
    ? room
    : { ...room, floorQueue: room.floorQueue.filter(entry => entry.session !== session) }

const removeWaiting = (room: RoomState, push: string): RoomState =>
  room.waiting.length === 0 ? room : { ...room, waiting: room.waiting.filter(publish => publish.push !== push) }

const withEntry = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> => new Map(map).set(key, value)

function withoutEntry<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map
  const copy = new Map(map)
  copy.delete(key)
  return copy
}
