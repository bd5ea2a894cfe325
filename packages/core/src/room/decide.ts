import { evolveRoom, type RoomState, streakOf } from './evolve.ts'
import type { RoomFact, WaitingPublish } from './facts.ts'
import type { Seq } from './message.ts'
import { newestOther } from './sequence.ts'
import type { RoomSettings } from './settings.ts'

/** What may happen to a room. */
export type RoomCommand =
  | {
      readonly type: 'publish'
      readonly push: string
      readonly session: string
      readonly name: string
      /** The cursor the author had when it called. */
      readonly base: Seq
      readonly timeout_ms?: number | undefined
      /** Spoken out of turn, by a client that knows no hold: sent at once, whoever has the floor. */
      readonly free?: boolean
      /** A notification: nobody is told what became of it, so a hold or a wait of it does not count. */
      readonly uncounted?: boolean
    }
  /** An answer tells `session` about its floor. */
  | { readonly type: 'tell'; readonly session: string }
  /** Its holder gives the floor up: by yield, or by a check with an empty draft. */
  | { readonly type: 'yield'; readonly session: string }
  | { readonly type: 'leave'; readonly session: string }
  /** Time passed. */
  | { readonly type: 'tick' }

/** What a judgement needs to know from outside the room's own state. */
export interface DecisionContext {
  /** The monotonic clock, in milliseconds. */
  readonly now: number
  readonly settings: RoomSettings
  /** Would what `session` has not seen after `base` exceed one page of its answer? Then a hold does not count. */
  readonly overflows: (session: string, base: Seq) => boolean
}

/**
 * The facts a command leads to, each behind the ones before it. Every publish gets one verdict, at once or, parked,
 * in the facts of a later command: `sent`, `held` or `timed-out` (none when its session leaves). Pure, never throws;
 * the caller writes the facts where it writes messages, without an await in between: that is what makes a hold atomic.
 */
export function decideRoom(room: RoomState, command: RoomCommand, judging: DecisionContext): RoomFact[] {
  return decideAndApply(room, command, judging).facts
}

/** The same, and the room as the facts leave it. */
export function decideAndApply(
  room: RoomState,
  command: RoomCommand,
  judging: DecisionContext,
): { readonly facts: RoomFact[]; readonly room: RoomState } {
  const course = new Decision(room, judging)
  course.expire()
  switch (command.type) {
    case 'publish':
      course.publish(command)
      break
    case 'tell':
      course.tell(command.session)
      break
    case 'yield':
      if (course.room.floor?.session === command.session) course.endFloor('yielded')
      break
    case 'leave':
      if (course.room.floor?.session === command.session) course.endFloor('left')
      course.add({ type: 'left', session: command.session })
      break
    case 'tick':
      break
  }
  course.settle()
  return course
}

/** When time alone changes the room next, on the monotonic clock; undefined where it does not. */
export function nextDeadline(room: RoomState): number | undefined {
  let moment = room.floor?.until
  for (const { deadline } of room.waiting) if (moment === undefined || deadline < moment) moment = deadline
  return moment
}

type Publish = Omit<WaitingPublish, 'deadline'> & { readonly timeout_ms?: number | undefined; readonly free?: boolean }

/** One command's way through the room: facts are added, and judged by the state they lead to. */
class Decision {
  readonly facts: RoomFact[] = []
  room: RoomState
  readonly #judging: DecisionContext

  constructor(room: RoomState, judging: DecisionContext) {
    this.room = room
    this.#judging = judging
  }

  add(fact: RoomFact): void {
    this.facts.push(fact)
    this.room = evolveRoom(this.room, fact)
  }

  publish(publish: Publish): void {
    const { push, session, name, base, timeout_ms, free, uncounted } = publish
    const { now, settings } = this.#judging
    if (free) return this.#send(publish)
    if (!this.room.floor || this.room.floor.session === session) return this.#judge(publish)
    const wait = Math.min(Math.max(timeout_ms ?? settings.push_wait_ms, 0), settings.push_wait_max_ms)
    const quiet = uncounted && { uncounted }
    this.add({ type: 'parked', waiting: { push, session, name, base, deadline: now + wait, ...quiet } })
    if (wait === 0) this.#timeOut(this.room.waiting.at(-1)!)
  }

  tell(session: string): void {
    const { floor } = this.room
    if (floor?.session !== session || floor.announced) return
    this.add({ type: 'floor.told', session, until: this.#judging.now + this.#judging.settings.floor_ms })
  }

  /** Ends what time has ended: the floor first, since that is kinder to those who wait for it. */
  expire(): void {
    const { now } = this.#judging
    if (this.room.floor && this.room.floor.until <= now) {
      this.endFloor('time')
      this.settle()
    }
    for (const waiting of this.room.waiting) if (waiting.deadline <= now) this.#timeOut(waiting)
  }

  endFloor(why: 'sent' | 'yielded' | 'left' | 'time'): void {
    const { session, name, since, until } = this.room.floor!
    const { now, settings } = this.#judging
    const at = Math.min(now, until)
    const rest = (at - since) * (why === 'sent' ? 1 : settings.idle_rest)
    this.add({ type: 'floor.ended', session, name, why, at, rest_until: at + rest })
  }

  /** While nobody has the floor, it passes to the next who earned it; else those who wait are judged one at a time. */
  settle(): void {
    while (!this.room.floor) {
      const next = this.room.floorQueue[0]
      if (next) this.#grant(next)
      else if (this.room.waiting[0]) this.#judge(this.room.waiting[0])
      else return
    }
  }

  #grant({ session, name }: { session: string; name: string }): void {
    const { now, settings } = this.#judging
    this.add({ type: 'floor.granted', session, name, at: now, until: now + settings.floor_ms })
    for (const waiting of this.room.waiting) {
      if (waiting.session === session && this.room.floor?.session === session) this.#judge(waiting)
    }
  }

  #judge(publish: Omit<WaitingPublish, 'deadline'>): void {
    const { push, session, base, uncounted } = publish
    const { floor } = this.room
    const { settings, overflows } = this.#judging
    const newest = floor?.session === session ? floor.newest : newestOther(this.room.sequence, session)
    if (settings.policy === 'annotate' || newest <= base) return this.#send(publish)
    this.add({ type: 'held', push, session, newest, more: uncounted === true || overflows(session, base) })
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
    const { now, settings } = this.#judging
    if (settings.policy === 'annotate' || streakOf(this.room, session).count < settings.holds_for_floor) return
    if ((this.room.cooldowns.get(name.toLowerCase()) ?? 0) > now) return
    if (this.room.floor?.session === session || this.room.floorQueue.some(earner => earner.session === session)) return
    this.add({ type: 'floor.earned', session, name })
    if (!this.room.floor) this.#grant({ session, name })
  }
}
