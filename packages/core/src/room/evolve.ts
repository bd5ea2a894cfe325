import type { RoomFact, WaitingPublish } from './facts.ts'
import { countHold, countWait, type HoldStreak, noStreak } from './hold.ts'
import type { Seq } from './message.ts'
import { emptySequence, extend, newestOther, type Sequence } from './sequence.ts'

/** The floor that somebody has just now. */
export interface ActiveFloor {
  readonly session: string
  readonly name: string
  readonly since: number
  readonly until: number
  /** Has an answer told its holder? The first that does starts it afresh. */
  readonly told: boolean
  /** The newest message by others when it began: what comes later, out of turn, does not hold its holder. */
  readonly newest: Seq
}

/** All that judging a room takes. Immutable; a fold of its facts. Only `sequence` must outlive a restart. */
export interface RoomState {
  readonly sequence: Sequence
  /** Holds in a row, by session. */
  readonly holdStreaks: ReadonlyMap<string, HoldStreak>
  readonly floor: ActiveFloor | undefined
  /** Who earned the floor while another had it, in order. */
  readonly earned: readonly { readonly session: string; readonly name: string }[]
  /** Until when a name earns none, by its lower case. */
  readonly rests: ReadonlyMap<string, number>
  /** Pushes that wait for a floor to end, in the order they came. */
  readonly waiting: readonly WaitingPublish[]
}

export const emptyRoom: RoomState = {
  sequence: emptySequence,
  holdStreaks: new Map(),
  floor: undefined,
  earned: [],
  rests: new Map(),
  waiting: [],
}

/** The room after one more fact. */
export function evolveRoom(room: RoomState, fact: RoomFact): RoomState {
  switch (fact.type) {
    case 'sent': {
      // Member by member: this is what every message costs.
      const { holdStreaks, floor, earned, rests, waiting } = forget(room, fact.session, fact.push)
      return { sequence: extend(room.sequence, fact.session), holdStreaks, floor, earned, rests, waiting }
    }
    case 'held': {
      const row = streakOf(room, fact.session)
      return {
        ...unpark(room, fact.push),
        holdStreaks: put(room.holdStreaks, fact.session, countHold(row, fact.newest, fact.more)),
      }
    }
    case 'timed-out':
      if (fact.uncounted) return unpark(room, fact.push)
      return {
        ...unpark(room, fact.push),
        holdStreaks: put(room.holdStreaks, fact.session, countWait(streakOf(room, fact.session))),
      }
    case 'parked':
      return { ...room, waiting: [...room.waiting, fact.waiting] }
    case 'floor.earned':
      return { ...room, earned: [...room.earned, { session: fact.session, name: fact.name }] }
    case 'floor.granted': {
      const { session, name, at: since, until } = fact
      const newest = newestOther(room.sequence, session)
      return { ...unearn(room, session), floor: { session, name, since, until, told: false, newest } }
    }
    case 'floor.told':
      return room.floor ? { ...room, floor: { ...room.floor, until: fact.until, told: true } } : room
    case 'floor.ended': {
      const rests = new Map([...room.rests].filter(([, until]) => until > fact.at))
      rests.set(fact.name.toLowerCase(), fact.rest_until)
      return { ...room, floor: undefined, rests, holdStreaks: drop(room.holdStreaks, fact.session) }
    }
    case 'left':
      return {
        ...forget(room, fact.session),
        waiting: room.waiting.filter(waiting => waiting.session !== fact.session),
      }
  }
}

export const streakOf = (room: RoomState, session: string): HoldStreak => room.holdStreaks.get(session) ?? noStreak

function forget(room: RoomState, session: string, push?: string): RoomState {
  const left = unearn(push === undefined ? room : unpark(room, push), session)
  return room.holdStreaks.has(session) ? { ...left, holdStreaks: drop(room.holdStreaks, session) } : left
}

const unearn = (room: RoomState, session: string): RoomState =>
  room.earned.length === 0 ? room : { ...room, earned: room.earned.filter(earner => earner.session !== session) }

const unpark = (room: RoomState, push: string): RoomState =>
  room.waiting.length === 0 ? room : { ...room, waiting: room.waiting.filter(waiting => waiting.push !== push) }

const put = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> => new Map(map).set(key, value)

function drop<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map
  const rest = new Map(map)
  rest.delete(key)
  return rest
}
