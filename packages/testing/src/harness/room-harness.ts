import type { RoomFact } from '@midsentence/core'
import {
  decideRoom,
  defaultRoomSettings,
  emptyRoom,
  evolveRoom,
  type RoomCommand,
  type RoomSettings,
} from '@midsentence/core'
import { expect } from 'vitest'

type Publish = { base?: number; timeout_ms?: number; ignoresHolds?: boolean }

/** Makes a room with a manual clock. A session has the name of its participant. */
export function newRoom(changed: Partial<RoomSettings> = {}) {
  const settings: RoomSettings = { ...defaultRoomSettings, ...changed }
  const verdicts = new Map<string, 'sent' | 'held' | 'timed-out'>()
  const overflowing = new Set<string>()
  let room = emptyRoom
  let now = 0
  let pushes = 0

  const run = (command: RoomCommand): RoomFact[] => {
    const facts = decideRoom(room, command, { now, settings, overflows: session => overflowing.has(session) })
    for (const fact of facts) {
      room = evolveRoom(room, fact)
      if (fact.type === 'sent' || fact.type === 'held' || fact.type === 'timed-out') verdicts.set(fact.push, fact.type)
    }
    return facts
  }
  const head = () => room.sequence.head
  const publish = (name: string, { base = head(), ...how }: Publish = {}): string => {
    const push = `${name}-${++pushes}`
    run({ type: 'publish', push, session: name, name, base, ...how })
    return push
  }
  const push = (name: string, how?: Publish) => verdicts.get(publish(name, how)) ?? 'waiting'
  return {
    settings,
    run,
    publish,
    push,
    overflowing,
    verdict: (id: string) => verdicts.get(id) ?? 'waiting',
    tell: (session: string) => run({ type: 'tell', session }),
    yield: (session: string) => run({ type: 'yield', session }),
    leave: (session: string) => run({ type: 'leave', session }),
    later: (ms: number) => {
      now += ms
      return run({ type: 'tick' })
    },
    /** Pushes across an unseen message of `by`. */
    hold: (name: string, by = 'other') => {
      const base = head()
      push(by, { ignoresHolds: true })
      return push(name, { base })
    },
    /** Pushes until `name` has or has earned the floor. */
    earn(name: string) {
      for (let i = 0; i < settings.holds_for_floor; i++) {
        if (this.floor && this.floor !== name) push(name, { timeout_ms: 0 })
        else expect(this.hold(name)).toBe('held')
      }
    },
    get floor() {
      return room.floor?.name
    },
    get left() {
      return room.floor && room.floor.until - now
    },
    get room() {
      return room
    },
    get head() {
      return head()
    },
    count: (name: string) => room.holdStreaks.get(name)?.count ?? 0,
    rest: (name: string) => Math.max(0, (room.cooldowns.get(name.toLowerCase()) ?? 0) - now),
  }
}
