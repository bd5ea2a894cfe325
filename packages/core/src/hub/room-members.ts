import type { DraftEvent } from '../draft/events.ts'
import { eventsOf } from '../draft/evolve.ts'
import type { SessionRecord } from '../ports/session-log.ts'
import type { LoopSettings } from '../room/loop-guard.ts'
import type { Message } from '../room/message.ts'
import type { JoinResult, PresentParticipant, RoomObserver, WhoResult } from './requests.ts'
import type { BatchWriter } from './room/batch-writer.ts'
import { LoopGuard } from './room/loop-guard.ts'
import type { Room } from './room/room.ts'
import type { Session } from './session/session.ts'

/** A room with its sessions and observers. */
export class RoomMembers {
  readonly room: Room
  readonly loopGuard: LoopGuard
  /** By name, in lower case. */
  readonly sessions = new Map<string, Session>()
  /** Ids of sessions that have left, until their log says so. */
  readonly leaving = new Set<string>()
  /** Writes the sessions of this room. Undefined in a hub without a session log. */
  sessionWriter: BatchWriter<SessionRecord> | undefined
  readonly #observers = new Set<RoomObserver>()

  constructor(room: Room, loopSettings?: Partial<LoopSettings>) {
    this.room = room
    this.loopGuard = new LoopGuard(loopSettings, () => this.sessions.size)
  }

  /** Ids of the sessions that are open as far as their log says. */
  openSessionIds(): ReadonlySet<string> {
    return new Set([...this.leaving, ...[...this.sessions.values()].map(({ joinResult }) => joinResult.session_id)])
  }

  /** What a join result says of the room. */
  get terms(): Pick<JoinResult, 'policy' | 'observable'> {
    const { settings, access } = this.room
    return { policy: settings.policy, ...(access.observable && { observable: true as const }) }
  }

  who(): WhoResult {
    const participants: PresentParticipant[] = [...this.sessions.values()].map(({ joinResult: { sender_id }, away }) =>
      away ? { sender_id, away } : { sender_id },
    )
    const { floor } = this.room
    return { participants, ...(floor && { floor }) }
  }

  /** Hands new messages to subscriptions, waiting checks and observers. */
  committed(batch: readonly Message[]): void {
    for (const session of this.sessions.values()) {
      for (const subscription of session.subscriptions) subscription.deliver(batch)
      session.notify()
    }
    for (const observer of this.#observers) observer.messages(batch)
  }

  /** Tells everybody that a participant came or went. */
  presence({ joinResult: { sender_id } }: Session, present: boolean): void {
    for (const { subscriptions } of this.sessions.values())
      for (const subscription of subscriptions) subscription.presence(sender_id, present)
    for (const observer of this.#observers) observer.presence(sender_id, present)
  }

  /** Shows observers what happened to a draft; with `whole`, `events` are all of it. */
  draftChanged({ joinResult: { sender_id } }: Session, events: readonly DraftEvent[], whole: boolean): void {
    for (const observer of this.#observers) observer.draft(sender_id, events, whole)
  }

  /** Adds an observer, and shows it who is here and what they write. Returns a function that removes it. */
  observe(observer: RoomObserver): () => void {
    this.#observers.add(observer)
    for (const session of this.sessions.values()) {
      const { sender_id } = session.joinResult
      if (!session.away) observer.presence(sender_id, true)
      if (session.visibleDraft.head) observer.draft(sender_id, eventsOf(session.visibleDraft), true)
    }
    return () => void this.#observers.delete(observer)
  }

  /** Ends every stream, waiting check and observer. */
  disconnectAll(reason: string): void {
    for (const session of this.sessions.values()) session.stop(reason)
    for (const observer of [...this.#observers]) {
      this.#observers.delete(observer)
      observer.ended(reason)
    }
  }
}
