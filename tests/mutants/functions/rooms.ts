import type { RuleId } from '@midsentence/conformance'
import type { RoomFunctions } from '@midsentence/conformance/functions'
import * as core from '@midsentence/core'

/** A bug in otherwise right room functions, and the rule that catches it. */
export interface RoomMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly room: RoomFunctions
}

type Decide = RoomFunctions['decideRoom']
type Evolve = RoomFunctions['evolveRoom']
type Fact = core.RoomFact
type Of<Type extends Fact['type']> = Extract<Fact, { type: Type }>

const right: RoomFunctions = core

const deciding = (decideRoom: Decide): RoomFunctions => ({ ...right, decideRoom })
const evolving = (evolveRoom: Evolve): RoomFunctions => ({ ...right, evolveRoom })
const judging = (change: (judging: core.DecisionContext) => Partial<core.DecisionContext>): RoomFunctions =>
  deciding((room, command, how) => core.decideRoom(room, command, { ...how, ...change(how) }))
const setting = (changed: Partial<core.RoomSettings>): RoomFunctions =>
  judging(({ settings }) => ({ settings: { ...settings, ...changed } }))
const publishing = (change: (publish: Extract<core.RoomCommand, { type: 'publish' }>) => core.RoomCommand) =>
  deciding((room, command, how) => core.decideRoom(room, command.type === 'publish' ? change(command) : command, how))
/** Replaces or drops facts of one type. */
const changingFacts = <Type extends Fact['type']>(
  type: Type,
  change: (fact: Of<Type>) => Fact | undefined,
): RoomFunctions =>
  deciding((...how) =>
    core.decideRoom(...how).flatMap(fact => (fact.type === type ? (change(fact as Of<Type>) ?? []) : fact)),
  )

/** Replaces sessions by the names that they pushed under. */
const namesOf = () => {
  const names = new Map<string, string>()
  return (command: core.RoomCommand): core.RoomCommand => {
    if (command.type === 'tick') return command
    if (command.type === 'publish') names.set(command.session, command.name)
    return { ...command, session: names.get(command.session) ?? command.session }
  }
}

const withStreak = (room: core.RoomState, session: string, change: Partial<{ count: number; newest: number }>) => {
  const streak = room.holdStreaks.get(session)
  return streak ? { ...room, holdStreaks: new Map(room.holdStreaks).set(session, { ...streak, ...change }) } : room
}

/** Judges all waiting pushes by the state at the end of the floor. */
const atOnce: Decide = (room, command, how) => {
  const facts = core.decideRoom(room, command, how)
  const end = facts.findIndex(({ type }) => type === 'floor.ended')
  if (end < 0 || room.floorQueue.length > 0 || room.waiting.length < 2) return facts
  const before = facts.slice(0, end + 1)
  const { sequence } = before.reduce(core.evolveRoom, room)
  let { head } = sequence
  const verdicts = room.waiting.map(({ push, session, base }): Fact => {
    const newest = sequence.lastSession === session ? sequence.newestByOthers : sequence.head
    if (newest > base) return { type: 'held', push, session, newest, more: false }
    return { type: 'sent', push, session, base, seq: ++head }
  })
  return [...before, ...verdicts]
}

/** Bugs in room functions, each with the rule that catches it. */
export const brokenRooms: readonly RoomMutant[] = [
  {
    name: 'own messages hold their author',
    breaks: 'H1',
    room: deciding(({ sequence: { head }, ...room }, ...how) =>
      core.decideRoom({ ...room, sequence: { head, lastSession: '', newestByOthers: head } }, ...how),
    ),
  },
  {
    name: 'own messages are recognised by their name',
    breaks: 'H1',
    room: (bySession => deciding((room, command, how) => core.decideRoom(room, bySession(command), how)))(namesOf()),
  },
  { name: 'a room that annotates holds', breaks: 'H2', room: setting({ policy: 'hold' }) },
  {
    name: 'crossed has no bound',
    breaks: 'H3',
    room: {
      ...right,
      crossedBetween: (others, base, seq) => {
        const crossed = others.filter(other => other > base && other < seq)
        return crossed.length > 0 ? { crossed } : {}
      },
    },
  },
  {
    name: 'crossed lists the oldest hundred',
    breaks: 'H3',
    room: {
      ...right,
      crossedBetween: (others, base, seq) => {
        const { crossed, ...more } = core.crossedBetween(others, base, seq)
        return crossed ? { crossed: others.filter(other => other > base).slice(0, crossed.length), ...more } : {}
      },
    },
  },
  { name: 'holds never earn the floor', breaks: 'P6', room: setting({ holds_for_floor: Number.POSITIVE_INFINITY }) },
  {
    name: 'a second hold by the same message counts',
    breaks: 'F1',
    room: evolving((room, fact) => {
      const after = core.evolveRoom(room, fact)
      return fact.type === 'held' ? withStreak(after, fact.session, { newest: 0 }) : after
    }),
  },
  { name: 'a hold with more to read counts', breaks: 'F1', room: judging(() => ({ overflows: () => false })) },
  {
    name: 'a hold with more to read resets the count',
    breaks: 'F1',
    room: evolving((room, fact) => {
      const after = core.evolveRoom(room, fact)
      return fact.type === 'held' && fact.more ? withStreak(after, fact.session, { count: 0 }) : after
    }),
  },
  {
    name: 'a hold of a notification counts',
    breaks: 'F1',
    room: publishing(({ uncounted: _, ...publish }) => publish),
  },
  {
    name: 'holds count although a message came between them',
    breaks: 'F1',
    room: evolving((room, fact) => {
      const after = core.evolveRoom(room, fact)
      return fact.type === 'sent' ? { ...after, holdStreaks: room.holdStreaks } : after
    }),
  },
  { name: 'a floor never expires', breaks: 'F2', room: setting({ floor_ms: 1e15 }) },
  {
    name: 'a floor outlasts the push that it sent',
    breaks: 'F2',
    room: deciding((...how) => {
      const facts = core.decideRoom(...how)
      const end = facts.findIndex(fact => fact.type === 'floor.ended' && fact.why === 'sent')
      return end < 0 ? facts : facts.slice(0, end)
    }),
  },
  {
    name: 'a held push of its holder releases the floor',
    breaks: 'F2',
    room: deciding((room, command, how) => {
      const facts = core.decideRoom(room, command, how)
      const held = facts.find(fact => fact.type === 'held')
      if (!held || held.session !== room.floor?.session) return facts
      const { session } = held
      return [...facts, ...core.decideRoom(facts.reduce(core.evolveRoom, room), { type: 'yield', session }, how)]
    }),
  },
  {
    name: 'a floor does not restart when its holder learns of it',
    breaks: 'F2',
    room: changingFacts('floor.told', () => undefined),
  },
  {
    name: 'every answer restarts the floor',
    breaks: 'F2',
    room: deciding((room, ...how) =>
      core.decideRoom(room.floor ? { ...room, floor: { ...room.floor, announced: false } } : room, ...how),
    ),
  },
  {
    name: 'the holder of a floor need not rest',
    breaks: 'F3',
    room: changingFacts('floor.ended', fact => ({ ...fact, rest_until: fact.at })),
  },
  {
    name: 'the session rests, not its name',
    breaks: 'F3',
    room: publishing(publish => ({ ...publish, name: publish.session })),
  },
  { name: 'an unused floor needs no longer rest than a used one', breaks: 'F3', room: setting({ idle_rest: 1 }) },
  { name: 'waiting pushes are judged all at once', breaks: 'F4', room: deciding(atOnce) },
  {
    name: 'the floor passes to the last that earned it',
    breaks: 'F4',
    room: deciding((room, ...how) => core.decideRoom({ ...room, floorQueue: [...room.floorQueue].reverse() }, ...how)),
  },
  {
    name: 'a publish that ignores holds waits for the floor',
    breaks: 'F4',
    room: deciding((room, command, how) =>
      core.decideRoom(
        room,
        command.type === 'publish' && room.floor ? { ...command, ignoresHolds: false } : command,
        how,
      ),
    ),
  },
  {
    name: 'messages sent out of turn hold the owner of the floor',
    breaks: 'F4',
    room: deciding((room, ...how) => {
      const { floor, sequence } = room
      const newest = sequence.lastSession === floor?.session ? sequence.newestByOthers : sequence.head
      return core.decideRoom(floor ? { ...room, floor: { ...floor, newest } } : room, ...how)
    }),
  },
  {
    name: 'a timed-out wait does not count',
    breaks: 'F5',
    room: changingFacts('timed-out', fact => ({ ...fact, uncounted: true })),
  },
  {
    name: 'a push ignores its timeout while it waits for a floor',
    breaks: 'F5',
    room: publishing(publish => ({ ...publish, timeout_ms: 240_000 })),
  },
]
