import type { DraftEvent } from '../draft/events.ts'
import { eventsOf } from '../draft/evolve.ts'
import {
  defaultLoopSettings,
  initialLoopState,
  type LoopRefusal,
  type LoopSettings,
  loopRefusal,
  recordLoopMessage,
} from '../room/loop-guard.ts'
import type { Message } from '../room/message.ts'
import type { PresentParticipant, RoomObserver, WhoResult } from './requests.ts'
import type { Room } from './room/room.ts'
import type { Session } from './session/session.ts'

/** A room with those who are in it, and those who watch. */
export class RoomMembers {
  readonly room: Room
  /** By their names, in lower case. */
  readonly sessions = new Map<string, Session>()
  /** Sessions that have left, until that is written down. */
  readonly leaving = new Set<string>()
  readonly #observers = new Set<RoomObserver>()
  readonly #loopSettings: LoopSettings | undefined
  #loopState = initialLoopState

  constructor(room: Room, loops?: Partial<LoopSettings>) {
    this.room = room
    this.#loopSettings = loops && { ...defaultLoopSettings, ...loops }
  }

  /** Why `name` may not speak now, where models have answered each other for long. */
  loopRefusal(name: string, now: number): LoopRefusal | undefined {
    return this.#loopSettings && loopRefusal(this.#loopState, name, this.sessions.size, now, this.#loopSettings)
  }

  /** Something was said, by a person or not. */
  recordLoopMessage(name: string, person: boolean, now: number): void {
    if (this.#loopSettings) this.#loopState = recordLoopMessage(this.#loopState, name, person, now, this.#loopSettings)
  }

  /** The ids of those that are open as far as their log knows. */
  openSessionIds(): ReadonlySet<string> {
    return new Set([...this.leaving, ...[...this.sessions.values()].map(({ joinResult }) => joinResult.session_id)])
  }

  who(): WhoResult {
    const participants: PresentParticipant[] = [...this.sessions.values()].map(({ joinResult: { sender_id }, away }) =>
      away ? { sender_id, away } : { sender_id },
    )
    const { floor } = this.room
    return { participants, ...(floor && { floor }) }
  }

  committed(batch: readonly Message[]): void {
    for (const seat of this.sessions.values()) {
      for (const ear of seat.subscriptions) ear.deliver(batch)
      seat.notify()
    }
    for (const observer of this.#observers) observer.messages(batch)
  }

  /** Somebody came or went. */
  presence({ joinResult: { sender_id } }: Session, present: boolean): void {
    for (const { subscriptions } of this.sessions.values())
      for (const ear of subscriptions) ear.presence(sender_id, present)
    for (const observer of this.#observers) observer.presence(sender_id, present)
  }

  draftChanged({ joinResult: { sender_id } }: Session, facts: readonly DraftEvent[], whole: boolean): void {
    for (const observer of this.#observers) observer.draft(sender_id, facts, whole)
  }

  observe(observer: RoomObserver): () => void {
    this.#observers.add(observer)
    for (const seat of this.sessions.values()) {
      const { sender_id } = seat.joinResult
      if (!seat.away) observer.presence(sender_id, true)
      if (seat.visibleDraft.head) observer.draft(sender_id, eventsOf(seat.visibleDraft), true)
    }
    return () => void this.#observers.delete(observer)
  }

  /** Lets go of everybody who listens or waits. */
  disconnectAll(reason: string): void {
    for (const seat of this.sessions.values()) seat.stop(reason)
    for (const observer of [...this.#observers]) {
      this.#observers.delete(observer)
      observer.ended(reason)
    }
  }
}
