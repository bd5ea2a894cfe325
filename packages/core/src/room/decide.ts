import { evolveRoom, type RoomState, streakOf } from './evolve.ts'
import type { RoomFact, WaitingPublish } from './facts.ts'
import type { Seq } from './message.ts'
import { nameKey } from './names.ts'
import { newestOther } from './sequence.ts'
import type { RoomSettings } from './settings.ts'

/** The commands of a room. */
export type RoomCommand =
  | {
      readonly type: 'publish'
      readonly push: string
      readonly session: string
      readonly name: string
      /** The author's cursor when it called. */
      readonly base: Seq
      readonly timeout_ms?: number | undefined
      /** Ignores holds and floors, for clients that do not know them: sent at once. */
      readonly ignoresHolds?: boolean
      /** A notification: its verdict has no receiver, so a hold or wait does not count. */
      readonly uncounted?: boolean
    }
  /** An answer tells `session` about its floor. */
  | { readonly type: 'tell'; readonly session: string }
  /** The holder gives up the floor: by yield, or by a check with an empty draft. */
  | { readonly type: 'yield'; readonly session: string }
  | { readonly type: 'leave'; readonly session: string }
  /** Time passed. */
  | { readonly type: 'tick' }

/** What a decision needs besides the room's state. */
export interface DecisionContext {
  /** The monotonic clock, in milliseconds. */
  readonly now: number
  readonly settings: RoomSettings
  /** Whether the messages that the answer to `push` would give exceed one page. Then a hold does not count. */
  readonly overflows: (session: string, base: Seq, push: string) => boolean
}

/**
 * Returns the facts that a command leads to, in order. Every publish gets one verdict (`sent`, `held` or `timed-out`), at
 * once or, after `parked`, in the facts of a later command; none if its session leaves. Pure, never throws.
 *
 * A hold is atomic only if the caller writes the facts without an await between its decision and its write.
 *
 * @example
 * const facts = decideRoom(room, { type: 'publish', push: '1', session: 's', name: 'Ada', base: 7 }, context)
 * const next = facts.reduce(evolveRoom, room)
 */
export function decideRoom(room: RoomState, command: RoomCommand, context: DecisionContext): RoomFact[] {
  return decideAndApply(room, command, context).facts
}

/** Like `decideRoom`, and also returns the room after the facts. */
export function decideAndApply(
  room: RoomState,
  command: RoomCommand,
  context: DecisionContext,
): { readonly facts: RoomFact[]; readonly room: RoomState } {
  const decision = new Decision(room, context)
  decision.expire()
  switch (command.type) {
    case 'publish':
      decision.publish(command)
      break
    case 'tell':
      decision.tell(command.session)
      break
    case 'yield':
      if (decision.room.floor?.session === command.session) decision.endFloor('yielded')
      break
    case 'leave':
      if (decision.room.floor?.session === command.session) decision.endFloor('left')
      decision.add({ type: 'left', session: command.session })
      break
    case 'tick':
      break
  }
  decision.settle()
  return decision
}

/** Returns when time alone changes the room next, on the monotonic clock; undefined if it does not. */
export function nextDeadline(room: RoomState): number | undefined {
  let moment = room.floor?.until
  for (const { deadline } of room.waiting) if (moment === undefined || deadline < moment) moment = deadline
  return moment
}

type Publish = Omit<WaitingPublish, 'deadline'> & {
  readonly timeout_ms?: number | undefined
  readonly ignoresHolds?: boolean
}

/** Collects the facts of one command. Each fact is applied at once, so that the next one follows from the new state. */
class Decision {
  readonly facts: RoomFact[] = []
  room: RoomState
  readonly #context: DecisionContext

  constructor(room: RoomState, context: DecisionContext) {
    this.room = room
    this.#context = context
  }

  add(fact: RoomFact): void {
    this.facts.push(fact)
    this.room = evolveRoom(this.room, fact)
  }

  publish(publish: Publish): void {
    const { push, session, name, base, timeout_ms, ignoresHolds, uncounted } = publish
    const { now, settings } = this.#context
    if (ignoresHolds) return this.#send(publish)
    if (!this.room.floor || this.room.floor.session === session) return this.#judge(publish)
    const wait = Math.min(Math.max(timeout_ms ?? settings.push_wait_ms, 0), settings.push_wait_max_ms)
    const counting = uncounted && { uncounted }
    this.add({ type: 'parked', waiting: { push, session, name, base, deadline: now + wait, ...counting } })
    if (wait === 0) this.#timeOut(this.room.waiting.at(-1)!)
  }

  tell(session: string): void {
    const { floor } = this.room
    if (floor?.session !== session || floor.announced) return
    this.add({ type: 'floor.told', session, until: this.#context.now + this.#context.settings.floor_ms })
  }

  /** Expires the floor before waiting pushes, so that they are judged and do not time out. */
  expire(): void {
    const { now } = this.#context
    if (this.room.floor && this.room.floor.until <= now) {
      this.endFloor('time')
      this.settle()
    }
    for (const waiting of this.room.waiting) if (waiting.deadline <= now) this.#timeOut(waiting)
  }

  endFloor(why: 'sent' | 'yielded' | 'left' | 'time'): void {
    const { session, name, since, until } = this.room.floor!
    const { now, settings } = this.#context
    const at = Math.min(now, until)
    const rest = (at - since) * (why === 'sent' ? 1 : settings.idle_rest)
    this.add({ type: 'floor.ended', session, name, why, at, rest_until: at + rest })
  }

  /** While no one has the floor: grants it to the next in the queue, else judges waiting pushes one at a time. */
  settle(): void {
    while (!this.room.floor) {
      const next = this.room.floorQueue[0]
      if (next) this.#grant(next)
      else if (this.room.waiting[0]) this.#judge(this.room.waiting[0])
      else return
    }
  }

  #grant({ session, name }: { session: string; name: string }): void {
    const { now, settings } = this.#context
    this.add({ type: 'floor.granted', session, name, at: now, until: now + settings.floor_ms })
    for (const waiting of this.room.waiting) {
      if (waiting.session === session && this.room.floor?.session === session) this.#judge(waiting)
    }
  }

  #judge(publish: Omit<WaitingPublish, 'deadline'>): void {
    const { push, session, base, uncounted } = publish
    const { floor } = this.room
    const { settings, overflows } = this.#context
    const newest = floor?.session === session ? floor.newest : newestOther(this.room.sequence, session)
    if (settings.policy === 'annotate' || newest <= base) return this.#send(publish)
    this.add({ type: 'held', push, session, newest, more: uncounted === true || overflows(session, base, push) })
    if (uncounted) return
    this.#earn(publish)
    this.tell(session)
  }

  #send({ push, session, base }: { push: string; session: string; base: Seq }): void {
    this.add({ type: 'sent', push, session, base, seq: this.room.sequence.head + 1 })
    if (this.room.floor?.session === session) this.endFloor('sent')
  }

  #timeOut(waiting: WaitingPublish): void {
    const { push, session, uncounted } = waiting
    this.add({ type: 'timed-out', push, session, ...(uncounted && { uncounted }) })
    if (!uncounted) this.#earn(waiting)
  }

  #earn({ session, name }: { session: string; name: string }): void {
    const { now, settings } = this.#context
    if (settings.policy === 'annotate' || streakOf(this.room, session).count < settings.holds_for_floor) return
    if ((this.room.cooldowns.get(nameKey(name)) ?? 0) > now) return
    if (this.room.floor?.session === session || this.room.floorQueue.some(entry => entry.session === session)) return
    this.add({ type: 'floor.earned', session, name })
    if (!this.room.floor) this.#grant({ session, name })
  }
}
