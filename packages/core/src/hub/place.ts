import type { DraftEvent } from '../draft/events.ts'
import { wholeDraft } from '../draft/evolve.ts'
import {
  defaultLoopSettings,
  heardLoop,
  type LoopRefusal,
  type LoopSettings,
  quiet,
  whyLoops,
} from '../room/loop-guard.ts'
import type { Message } from '../room/message.ts'
import type { Observer, Present, WhoAnswer } from './requests.ts'
import type { Room } from './room.ts'
import type { Seat } from './seat.ts'

/** A room with those who are in it, and those who watch. */
export class Place {
  readonly room: Room
  /** By their names, in lower case. */
  readonly seats = new Map<string, Seat>()
  /** Sessions that have left, until that is written down. */
  readonly leaving = new Set<string>()
  readonly #observers = new Set<Observer>()
  readonly #loops: LoopSettings | undefined
  #loop = quiet

  constructor(room: Room, loops?: Partial<LoopSettings>) {
    this.room = room
    this.#loops = loops && { ...defaultLoopSettings, ...loops }
  }

  /** Why `name` may not speak now, where models have answered each other for long. */
  whyLoops(name: string, now: number): LoopRefusal | undefined {
    return this.#loops && whyLoops(this.#loop, name, this.seats.size, now, this.#loops)
  }

  /** Something was said, by a person or not. */
  heardLoop(name: string, person: boolean, now: number): void {
    if (this.#loops) this.#loop = heardLoop(this.#loop, name, person, now, this.#loops)
  }

  /** The ids of those that are open as far as their log knows. */
  sessions(): ReadonlySet<string> {
    return new Set([...this.leaving, ...[...this.seats.values()].map(({ entrance }) => entrance.session_id)])
  }

  who(): WhoAnswer {
    const participants: Present[] = [...this.seats.values()].map(({ entrance: { sender_id }, away }) =>
      away ? { sender_id, away } : { sender_id },
    )
    const { floor } = this.room
    return { participants, ...(floor && { floor }) }
  }

  spoken(batch: readonly Message[]): void {
    for (const seat of this.seats.values()) {
      for (const ear of seat.ears) ear.spoken(batch)
      seat.stir()
    }
    for (const observer of this.#observers) observer.messages(batch)
  }

  /** Somebody came or went. */
  presence({ entrance: { sender_id } }: Seat, present: boolean): void {
    for (const { ears } of this.seats.values()) for (const ear of ears) ear.presence(sender_id, present)
    for (const observer of this.#observers) observer.presence(sender_id, present)
  }

  drafted({ entrance: { sender_id } }: Seat, facts: readonly DraftEvent[], whole: boolean): void {
    for (const observer of this.#observers) observer.draft(sender_id, facts, whole)
  }

  observe(observer: Observer): () => void {
    this.#observers.add(observer)
    for (const seat of this.seats.values()) {
      const { sender_id } = seat.entrance
      if (!seat.away) observer.presence(sender_id, true)
      if (seat.visibleDraft.head) observer.draft(sender_id, wholeDraft(seat.visibleDraft), true)
    }
    return () => void this.#observers.delete(observer)
  }

  /** Lets go of everybody who listens or waits. */
  stop(reason: string): void {
    for (const seat of this.seats.values()) seat.stop(reason)
    for (const observer of [...this.#observers]) {
      this.#observers.delete(observer)
      observer.ended(reason)
    }
  }
}
