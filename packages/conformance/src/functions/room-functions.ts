import type {
  crossedBetween,
  decideRoom,
  emptyRoom,
  evolveRoom,
  RoomCommand,
  RoomFact,
  RoomSettings,
  RoomState,
  Seq,
} from '@midsentence/core'
import { defaultRoomSettings } from '@midsentence/core'
import type { RuleId } from '../kit/rules.ts'
import type { RunOptions } from '../kit/run-options.ts'

/** How a room judges, as pure functions: core's own, or another implementation to be proved. */
export interface RoomFunctions {
  readonly emptyRoom: typeof emptyRoom
  readonly evolveRoom: typeof evolveRoom
  readonly decideRoom: typeof decideRoom
  readonly crossedBetween: typeof crossedBetween
}

/** A rule that the judgement of a room keeps, as a function: it throws where the rule is broken. */
export interface RoomRule {
  readonly id: RuleId
  run(room: RoomFunctions, options?: RunOptions): void
}

type RoomVerdict = 'sent' | 'held' | 'timed-out'

interface PublishParams {
  /** What its author had been given: all there is, unless it says otherwise. */
  readonly base?: Seq
  readonly timeout_ms?: number
  readonly free?: boolean
  readonly uncounted?: boolean
  /** Default: its name. */
  readonly session?: string
}

/** A room, a clock that stands still until it is told to go on, and everybody's session by its name. */
export class RoomScene {
  readonly settings: RoomSettings
  readonly facts: RoomFact[] = []
  /** Whose answers do not fit one page. */
  readonly overflowing = new Set<string>()
  readonly #functions: RoomFunctions
  readonly #verdicts = new Map<string, RoomVerdict>()
  #room: RoomState
  #now = 0
  #pushes = 0

  constructor(functions: RoomFunctions, changed: Partial<RoomSettings> = {}) {
    this.settings = { ...defaultRoomSettings, ...changed }
    this.#functions = functions
    this.#room = functions.emptyRoom
  }

  run(command: RoomCommand): readonly RoomFact[] {
    const facts = this.#functions.decideRoom(this.#room, command, {
      now: this.#now,
      settings: this.settings,
      overflows: session => this.overflowing.has(session),
    })
    for (const fact of facts) {
      this.#room = this.#functions.evolveRoom(this.#room, fact)
      if (fact.type === 'sent' || fact.type === 'held' || fact.type === 'timed-out')
        this.#verdicts.set(fact.push, fact.type)
    }
    this.facts.push(...facts)
    return facts
  }

  /** Puts a push before the room: by what it is called later. */
  publish(name: string, { base = this.head, session = name, ...how }: PublishParams = {}): string {
    const push = `${name} ${++this.#pushes}`
    this.run({ type: 'publish', push, session, name, base, ...how })
    return push
  }

  push(name: string, how?: PublishParams): RoomVerdict | 'waiting' {
    return this.verdict(this.publish(name, how))
  }

  verdict(push: string): RoomVerdict | 'waiting' {
    return this.#verdicts.get(push) ?? 'waiting'
  }

  /** `name` pushes across what `talker` has just said, out of turn. */
  cross(name: string, how: PublishParams = {}): RoomVerdict | 'waiting' {
    const base = this.head
    this.push('talker', { free: true })
    return this.push(name, { base, ...how })
  }

  /** `name` tries so often that it has the floor, or has earned it. */
  earn(name: string, how: PublishParams = {}): void {
    for (let tried = 0; tried < 3; tried++) this.cross(name, { timeout_ms: 0, ...how })
  }

  later(ms: number): void {
    this.#now += ms
    this.run({ type: 'tick' })
  }

  get head(): Seq {
    return this.#room.sequence.head
  }

  get now(): number {
    return this.#now
  }

  /** Who has the floor. */
  get floor(): string | undefined {
    return this.#room.floor?.name
  }
}
