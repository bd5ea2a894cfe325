import type { DraftEvent } from '../draft/events.ts'
import { eventsOf } from '../draft/evolve.ts'
import { MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { SessionRecord } from '../ports/session-log.ts'
import { hushRefusal, type LoopSettings } from '../room/loop-guard.ts'
import type { Message } from '../room/message.ts'
import { nameKey, numberedName } from '../room/names.ts'
import type { ScoreState } from '../score/evolve.ts'
import type { ScoreEvent } from '../score/records.ts'
import type { PresenceChange, RoomListener, RoomObserver, RoomTerms, WhoResult } from './requests.ts'
import type { BatchWriter } from './room/batch-writer.ts'
import { LoopGuard, loopError } from './room/loop-guard.ts'
import { PresenceFeed } from './room/presence-feed.ts'
import type { Room } from './room/room.ts'
import type { RoomScore } from './score/room-score.ts'
import type { Session } from './session/session.ts'
import { TypingIndicator } from './typing-indicator.ts'

export interface RoomMembersDeps {
  readonly room: Room
  readonly clock: Clock
  /** How long a participant is shown as writing after its draft changed. */
  readonly writing_ms: number
  readonly loopSettings: Partial<LoopSettings> | false | undefined
  readonly maxObservers: number
  /** Called when the last session with a place gave it up. */
  emptied(members: RoomMembers): void
}

/** A room with its sessions and observers. A session has a place in the room until it has been away for long. */
export class RoomMembers {
  readonly room: Room
  readonly loopGuard: LoopGuard
  readonly typing: TypingIndicator
  /** Those with a place, by name in lower case. */
  readonly sessions = new Map<string, Session>()
  /** All, by the name they joined under and the hash of their proof. */
  readonly #all = new Map<string, Session>()
  /** Ids of sessions that have left, until their log says so. */
  readonly #leaving = new Set<string>()
  /** Writes the sessions of this room. Undefined in a hub without a session log. */
  sessionWriter: BatchWriter<SessionRecord> | undefined
  /** Its score, if the room is recorded and open. */
  score: RoomScore | undefined
  readonly #observers = new Set<RoomObserver>()
  readonly #presence: PresenceFeed
  /** Joins in progress. */
  joining = 0
  /** When something happened here, in milliseconds since 1970. */
  lastAt: number
  readonly #deps: Pick<RoomMembersDeps, 'clock' | 'emptied' | 'maxObservers'>

  constructor({ room, writing_ms, loopSettings, ...deps }: RoomMembersDeps) {
    const { clock } = deps
    this.room = room
    this.lastAt = room.index.time
    this.#deps = deps
    this.typing = new TypingIndicator(clock, writing_ms, changes => this.#writing(changes))
    this.#presence = new PresenceFeed(clock, changes => this.#tell(changes))
    this.loopGuard = new LoopGuard(
      loopSettings,
      () => this.sessions.size,
      on => this.#tellHush(on),
    )
  }

  /** Ids of the sessions that are open as far as their log says. */
  openSessionIds(): ReadonlySet<string> {
    return new Set([...this.#leaving, ...[...this.all()].map(({ joinResult }) => joinResult.session_id)])
  }

  /**
   * Tells whether nothing is lost when it leaves memory: no participant, no observer and no waiting push is here, and a
   * session log has the sessions that lapsed.
   */
  get isIdle(): boolean {
    const { room } = this
    if (this.sessions.size > 0 || this.joining > 0 || this.#leaving.size > 0 || this.#observers.size > 0) return false
    if (room.waiting > 0 || room.state.floor || room.hasFailed || (this.score?.watchers ?? 0) > 0) return false
    if (!this.sessionWriter && this.#all.size > 0) return false
    for (const session of this.#all.values()) if (session.isBusy) return false
    return true
  }

  /** Every session, also those that lapsed. */
  all(): Iterable<Session> {
    return this.#all.values()
  }

  /** Returns the session that joined as `name` whose proof has this hash. */
  find(name: string, proof: string): Session | undefined {
    return this.#all.get(keyOf(name, proof))
  }

  /** Adds a session under its name. A session that has the name lapses. After a restart the room may be full: then it lapses. */
  add(session: Session): void {
    const { sender_id, joined_as = sender_id, proof } = session.persisted
    this.#all.set(keyOf(joined_as, proof), session)
    const before = this.sessions.get(nameKey(sender_id))
    if (before && !session.lapsed) this.lapse(before)
    if (session.lapsed || this.sessions.size >= this.room.access.limit) this.lapse(session)
    else this.sessions.set(nameKey(sender_id), session)
  }

  /** Removes a session for good. Resolves once that is durable. */
  async remove(session: Session): Promise<void> {
    const { sender_id, joined_as = sender_id, proof } = session.persisted
    this.#all.delete(keyOf(joined_as, proof))
    if (!session.lapsed) this.sessions.delete(nameKey(sender_id))
    if (!session.lapsed) this.score?.recorder.record({ type: 'left', sender_id })
    if (this.sessions.size === 0) this.#deps.emptied(this)
    if (session.legacy || !this.sessionWriter) return
    const { session_id } = session.joinResult
    this.#leaving.add(session_id)
    await this.sessionWriter.append({ session_id, fact: { type: 'closed' } })
    this.#leaving.delete(session_id)
    this.room.index.forget(session_id)
  }

  /** Frees the name and the place of a session. It stays open, without them. */
  lapse(session: Session): void {
    const name = nameKey(session.joinResult.sender_id)
    session.away = true
    if (!session.lapsed) session.lapse()
    this.#presence.change(session.joinResult.sender_id, false)
    this.typing.gone(session)
    if (this.sessions.get(name) === session) {
      this.sessions.delete(name)
      this.score?.recorder.record({ type: 'left', sender_id: session.joinResult.sender_id })
    }
    if (this.sessions.size === 0) this.#deps.emptied(this)
  }

  /**
   * Gives a lapsed session a place again, under a numbered name if its own is taken. Throws `room-unavailable`. `isBanned`:
   * whether a name is refused.
   */
  takeBack(session: Session, isBanned: (name: string) => boolean): void {
    this.assertPlace()
    const { sender_id, joined_as = sender_id } = session.persisted
    let name = sender_id
    for (let number = 2; this.sessions.has(nameKey(name)) || isBanned(name); number++) {
      name = numberedName(joined_as, number)
    }
    session.takePlace(name)
    this.sessions.set(nameKey(name), session)
  }

  /** Throws `room-unavailable` if the room is full. */
  assertPlace(): void {
    const { name, access } = this.room
    if (this.sessions.size < access.limit) return
    throw new MidsentenceError(
      'room-unavailable',
      `The room ${name} is full: ${access.limit} at a time. Try again later, or choose another room.`,
    )
  }

  /** What a join result says of the room. */
  get terms(): RoomTerms {
    const { settings, access } = this.room
    return {
      policy: settings.policy,
      ...(access.observable && { observable: true as const }),
      ...(access.recorded && { recorded: true as const }),
      ...(access.listed && { listed: true as const }),
    }
  }

  who(): WhoResult {
    const participants = [...this.sessions.values()].map(session => {
      const { sender_id } = session.joinResult
      if (session.away) return { sender_id, away: session.away }
      return this.typing.isWriting(session) ? { sender_id, writing: true as const } : { sender_id }
    })
    const { floor } = this.room
    const watchers = this.score?.watchers ?? 0
    return {
      participants,
      ...(floor && { floor }),
      ...(this.loopGuard.hushed && { hushed: true as const }),
      ...(watchers > 0 && { watchers }),
    }
  }

  /** Silences the models of the room, or lets them send again. Returns whether that changed. */
  hush(on: boolean): boolean {
    if (!this.loopGuard.hush(on)) return false
    const holder = this.room.state.floor?.session
    // The holder of the floor last: when its floor ends, the room judges the pushes that wait.
    const last = ({ joinResult }: Session) => Number(joinResult.session_id === holder)
    for (const session of [...this.sessions.values()].sort((a, b) => last(a) - last(b))) {
      if (session.persisted.person) continue
      session.checks.stopWaiting()
      if (on) this.room.withdraw(session.joinResult.session_id, loopError(hushRefusal))
    }
    return true
  }

  /** Hands new messages to subscriptions, waiting checks and observers. */
  committed(batch: readonly Message[]): void {
    this.lastAt = this.#deps.clock.now()
    if (this.score) for (const message of batch) this.score.recorder.message(message)
    for (const { sender_id } of this.typing.hasWriters ? batch : []) {
      const session = this.sessions.get(nameKey(sender_id))
      if (session) this.typing.sent(session)
    }
    for (const session of this.sessions.values()) {
      for (const subscription of session.subscriptions) subscription.deliver(batch)
      session.checks.notify()
    }
    for (const observer of this.#observers) observer.messages(batch)
  }

  /** Tells everybody that a participant came or went. */
  presence(session: Session, present: boolean): void {
    const { sender_id } = session.joinResult
    this.lastAt = this.#deps.clock.now()
    if (!present) this.typing.gone(session)
    this.#presence.change(sender_id, present)
    // One that left is recorded by then.
    if (this.#has(session)) {
      this.score?.recorder.record(
        present ? { type: 'joined', sender_id } : { type: 'left', sender_id, away: true as const },
      )
      if (present) this.given(session)
    }
    for (const observer of this.#observers) observer.presence(sender_id, present)
  }

  #tell(changes: ReadonlyMap<string, PresenceChange>): void {
    for (const { subscriptions } of this.sessions.values())
      for (const subscription of subscriptions) subscription.presence(changes)
  }

  #tellHush(on: boolean): void {
    for (const { subscriptions } of this.sessions.values())
      for (const subscription of subscriptions) subscription.hush(on)
  }

  /** Tells a new listener who is here and who writes, as the others were told, and whether the models are silenced. */
  greet(listener: RoomListener): void {
    const everybody = this.#presence.everybody(() => this.#shownWriters())
    if (everybody.size > 0) listener.presence(everybody)
    if (this.loopGuard.hushed) listener.hush?.(true)
    const watchers = this.score?.toldWatchers ?? 0
    if (watchers > 0) listener.watchers?.(watchers)
  }

  /** Tells everybody how many watch the score. */
  tellWatchers(watchers: number): void {
    for (const { subscriptions } of this.sessions.values())
      for (const subscription of subscriptions) subscription.watchers(watchers)
  }

  /** Records what the room says of holds and floors, and what the author of a push was given. */
  scored(event: ScoreEvent): void {
    if (event.type === 'given') this.score?.recorder.given(event.sender_id, event.seq)
    else this.score?.recorder.record(event)
  }

  /** Records what a participant was given. */
  given(session: Session): void {
    if (this.#has(session)) this.score?.recorder.given(session.joinResult.sender_id, session.state.cursor)
  }

  /** Returns what a score begins with. */
  scoreState(): ScoreState {
    const lanes = [...this.sessions.values()].map(({ joinResult, away, state, visibleDraft }) => {
      return [joinResult.sender_id, { away: away === true, given: state.cursor, draft: visibleDraft }] as const
    })
    return { lanes: new Map(lanes), floor: this.room.state.floor?.name }
  }

  #has(session: Session): boolean {
    return this.sessions.get(nameKey(session.joinResult.sender_id)) === session
  }

  *#shownWriters(): Iterable<string> {
    for (const session of this.sessions.values()) if (this.typing.isShown(session)) yield session.joinResult.sender_id
  }

  #writing(changed: ReadonlyMap<string, boolean>): void {
    const changes = this.#presence.writing(changed)
    for (const { subscriptions } of this.sessions.values())
      for (const subscription of subscriptions) subscription.writing(changes)
  }

  /** Shows observers what happened to a draft; with `whole`, `events` are all of it. */
  draftChanged(session: Session, events: readonly DraftEvent[], whole: boolean): void {
    const { sender_id } = session.joinResult
    // The session may have left in the meantime.
    if (!this.#has(session)) return
    this.lastAt = this.#deps.clock.now()
    this.typing.changed(session)
    this.score?.recorder.draft(sender_id, events, whole)
    for (const observer of this.#observers) observer.draft(sender_id, events, whole)
  }

  /** Shows observers the whole draft of a session. */
  showDraft(session: Session): void {
    const draft = eventsOf(session.visibleDraft)
    if (draft.length > 0) {
      this.score?.recorder.record({ type: 'draft', sender_id: session.joinResult.sender_id, draft })
    }
    for (const observer of this.#observers) observer.draft(session.joinResult.sender_id, draft, true)
  }

  /** Adds an observer, and shows it who is here and what they write. Returns a function that removes it. */
  observe(observer: RoomObserver): () => void {
    if (this.#observers.size >= this.#deps.maxObservers) throw tooManyObservers(this.room.name)
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
    this.typing.close()
    this.#presence.close()
    this.score?.disconnectAll(reason)
    for (const session of this.all()) session.stop(reason)
    for (const observer of [...this.#observers]) {
      this.#observers.delete(observer)
      observer.ended(reason)
    }
  }
}

const tooManyObservers = (room: string) =>
  new MidsentenceError('unavailable', `The room ${room} has too many observers. Try again later.`, {
    data: { retry_after_ms: 10_000 },
  })

const keyOf = (name: string, proof: string): string => `${proof} ${nameKey(name)}`
