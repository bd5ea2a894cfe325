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

/** The pure functions of a room. */
export interface RoomFunctions {
  readonly emptyRoom: typeof emptyRoom
  readonly evolveRoom: typeof evolveRoom
  readonly decideRoom: typeof decideRoom
  readonly crossedBetween: typeof crossedBetween
}

/** A rule of the room functions: throws if they break it. */
export interface RoomRule {
  readonly id: RuleId
  run(room: RoomFunctions, options?: RunOptions): void
}

type RoomVerdict = 'sent' | 'held' | 'timed-out'

interface PublishParams {
  /** The author's cursor. Default: the head. */
  readonly base?: Seq
  readonly timeout_ms?: number
  readonly ignoresHolds?: boolean
  readonly uncounted?: boolean
  /** Default: the name. */
  readonly session?: string
}

/** A room with a manual clock. A session has the name of its participant. */
export class RoomScene {
  readonly settings: RoomSettings
  readonly facts: RoomFact[] = []
  /** Sessions whose answers do not fit one page. */
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

  /** Starts a push. Returns its id. */
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

  /** Pushes across a message that another has just sent without holds. */
  cross(name: string, how: PublishParams = {}): RoomVerdict | 'waiting' {
    const base = this.head
    this.push('talker', { ignoresHolds: true })
    return this.push(name, { base, ...how })
  }

  /** Pushes three times across a message, which earns the floor. */
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

  /** The name of the holder of the floor. */
  get floor(): string | undefined {
    return this.#room.floor?.name
  }
}
