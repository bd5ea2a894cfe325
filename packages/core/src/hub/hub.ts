import type { DraftEvent } from '../draft/events.ts'
import type { MidsentenceError } from '../errors.ts'
import { memoryLog } from '../memory/memory-log.ts'
import { systemClock } from '../memory/system-clock.ts'
import type { Clock } from '../ports/clock.ts'
import { type Monitor, noopMonitor } from '../ports/monitor.ts'
import { defaultPolicy } from '../ports/policy.ts'
import type { LogDurability, Seq } from '../room/message.ts'
import { nameKey } from '../room/names.ts'
import { newSession } from '../session/evolve.ts'
import type { SessionFact } from '../session/facts.ts'
import { type AdmissionDeps, admitted } from './access/admission.ts'
import { assertRoomName, validName } from './access/names.ts'
import { assertSecret, encodeProof, hashSecret, randomToken, tokenOf } from './access/tokens.ts'
import { HubAdmin } from './admin.ts'
import { defaultBounds } from './bounds.ts'
import type { Hub, LocalAdmin, LocalSession } from './hub-api.ts'
import {
  accessEnded,
  hubClosing,
  nameTaken,
  once,
  roomUnavailable,
  roomUnloaded,
  sessionExpired,
  sessionLogFailed,
  unknownToken,
} from './hub-errors.ts'
import type { HubOptions } from './hub-options.ts'
import { defaultTimes, SessionExpiry } from './lifetime/session-expiry.ts'
import { SessionIndex } from './lifetime/session-index.ts'
import { SessionUnloader } from './lifetime/session-unloader.ts'
import { UnloadedRooms } from './lifetime/unloaded-rooms.ts'
import { droppedOf, startOfReading } from './reading-start.ts'
import type {
  JoinRequest,
  ListedRoom,
  RoomListener,
  RoomObserver,
  ScoreListener,
  ScoreSubscription,
  WatchRequest,
} from './requests.ts'
import { notPersonError } from './room/loop-guard.ts'
import { accessOf, type Room } from './room/room.ts'
import type { RoomMembers } from './room-members.ts'
import { RoomRegistry } from './room-registry.ts'
import { type ScoreRegistry, scoreRegistry } from './score/score-registry.ts'
import { watchScore } from './score/watch-score.ts'
import { type AdmittedTerms, persistedOf } from './session/persisted-identity.ts'
import type { LoadedSessions } from './session/recovery.ts'
import type { Session } from './session/session.ts'
import type { SessionOwner } from './session/session-deps.ts'
import { SessionFactory } from './session-factory.ts'

/** An in-process hub with its admin API. */
export interface OpenedHub extends Hub {
  readonly requiresCredential: boolean
  readonly admin: LocalAdmin
  join(request: JoinRequest): Promise<LocalSession>
  enter(token: string): LocalSession
  listed(): readonly ListedRoom[]
  loadRoomOf(token: string): Promise<void> | undefined
}

/** Opens a hub. With a session log, every session goes on where it was. */
export async function openHub(options: HubOptions = {}): Promise<OpenedHub> {
  const hub = new LocalHub(options)
  await hub.recover()
  return hub
}

class LocalHub implements OpenedHub, SessionOwner<Session> {
  readonly requiresCredential: boolean
  readonly admin: HubAdmin
  readonly log: string
  readonly durability: LogDurability
  readonly #clock: Clock
  readonly #admission: AdmissionDeps
  readonly #scores: ScoreRegistry
  readonly #expiry: SessionExpiry
  readonly #newToken: () => string
  readonly #rooms: RoomRegistry
  readonly #sessionIndex = new SessionIndex()
  readonly #unloaded: UnloadedRooms
  readonly #unloader: SessionUnloader
  readonly #sessionFactory: SessionFactory
  readonly #monitor: Monitor
  readonly #onFailure: (error: MidsentenceError) => void
  #closing: Promise<void> | undefined
  #closedError: MidsentenceError | undefined

  constructor(options: HubOptions) {
    const { log = memoryLog(), sessions, times, tail = 1000, snapshotEvery, onFailure } = options
    const { tailLength = 2 ** 20 } = options
    const { records, facts } = { records: 10_000, facts: 1000, ...snapshotEvery }
    const clock = options.clock ?? systemClock()
    const policy = options.policy ?? defaultPolicy
    const monitor = options.monitor ?? noopMonitor
    this.#clock = clock
    this.#monitor = monitor
    this.#newToken = options.newToken ?? randomToken
    this.#admission = { policy, clock, monitor, hookTimeoutMs: options.hook_timeout_ms ?? 2000 }
    this.#onFailure = once(onFailure ?? (() => {}))
    this.requiresCredential = policy.admit !== undefined
    this.log = log.id
    this.durability = log.durability
    const bounds = { ...defaultBounds, ...options.bounds }
    const { writing_ms, room_idle_ms } = { ...defaultTimes, ...times }
    const scores = scoreRegistry(options, clock, bounds)
    this.#scores = scores
    this.#unloaded = new UnloadedRooms(clock, (room, ids) => this.#unloader.endUnloaded(room, ids))
    this.#expiry = new SessionExpiry(
      clock,
      { ...defaultTimes, ...times },
      {
        lapsed: session => this.#lapse(session),
        away: session => this.#rooms.membersOf(session.room)?.presence(session, false),
        expired: session => this.#endExpired(session),
      },
    )
    this.#rooms = new RoomRegistry({
      log,
      clock,
      policy,
      monitor,
      bounds: { messages: tail, length: tailLength },
      records,
      tracksPushes: sessions !== undefined,
      writing_ms,
      room_idle_ms,
      hubBounds: bounds,
      opened: (members, loaded) => this.#restoreSessions(members, loaded),
      scores,
      unloaded: members => this.#unloader.unload(members),
      released: name => this.#unloader.released(name),
      failed: this.#onFailure,
    })
    this.#sessionFactory = new SessionFactory({
      log: log.id,
      durability: log.durability,
      sessionLog: sessions,
      clock,
      policy,
      monitor,
      rateLimit: options.rateLimit,
      hookTimeoutMs: this.#admission.hookTimeoutMs,
      snapshotEvery: facts,
      bounds,
      owner: this,
      failed: cause => this.#fail(cause),
    })
    const kept = { rooms: this.#rooms, index: this.#sessionIndex, unloaded: this.#unloaded, bounds }
    this.#unloader = new SessionUnloader({
      log: log.id,
      sessionLog: sessions,
      ...kept,
      expiry: this.#expiry,
      monitor,
      failed: cause => void this.#fail(cause),
    })
    this.admin = new HubAdmin({ ...kept, scores, clock })
  }

  recover(): Promise<void> {
    return this.#unloader.recover()
  }

  async join(request: JoinRequest): Promise<LocalSession> {
    this.#assertOpen()
    const { room = 'lobby', username, secret } = request
    const requestedName = validName(username)
    if (secret !== undefined) assertSecret(secret)
    assertRoomName(room)
    if (!accessOf(this.#admission.policy, room).open) throw roomUnavailable(room)
    const admission = request.legacy
      ? { username: undefined, until: undefined, person: undefined }
      : await admitted(this.#admission, request, { room, username: requestedName })
    const name = admission.username === undefined ? requestedName : validName(admission.username)
    if (!request.legacy) this.admin.assertMayJoin(room, name)
    const members = await this.#rooms.open(room)
    members.joining++
    try {
      // Before the name is looked up, so that no other join comes between.
      const dropped = await droppedOf(members, request)
      return await this.#joinMembers(members, request, name, admission, dropped)
    } finally {
      members.joining--
    }
  }

  async #joinMembers(
    members: RoomMembers,
    request: JoinRequest,
    name: string,
    admission: AdmittedTerms,
    dropped: Seq,
  ): Promise<Session> {
    this.#assertOpen()
    const { secret, legacy } = request
    const room = members.room.name
    if (!legacy) this.admin.assertMayJoin(room, name)
    const proof = secret === undefined ? this.#newToken() : encodeProof(secret)
    const known = members.find(name, hashSecret(proof))
    if (known && !this.#expiry.hasExpired(known)) return this.#rejoin(known, proof, admission)
    if (known) this.#endExpired(known)
    const { cursor, head } = startOfReading(members, request, dropped)
    const holder = members.sessions.get(nameKey(name))
    if (holder && !this.#expiry.release(holder)) throw nameTaken(name, room)
    members.assertPlace()
    this.#unloader.makeSpace()
    const session_id = `s-${this.#newToken().slice(0, 16)}`
    const token = tokenOf(session_id, proof)
    const identity = { session_id, room, sender_id: name, log: this.log }
    const stored = { ...identity, proof: hashSecret(proof) }
    const persisted = persistedOf(stored, admission, request, head > cursor ? head : undefined)
    const session = this.#sessionFactory.create(members, {
      joinResult: { ...identity, token, cursor, ...(head > cursor && { head }), ...members.terms },
      state: newSession(cursor),
      shown: Math.max(cursor, members.room.window.visible),
      persisted,
      opened: cursor,
      written: 0,
      ...(legacy && { legacy }),
    })
    this.#sessionIndex.add(session)
    this.#sessionIndex.remember(session, token)
    if (!legacy) {
      const fact: SessionFact = { type: 'opened', session: persisted, cursor }
      session.joined = members.sessionWriter?.append({ session_id, fact })
      await session.joined
    }
    this.#monitor.joined(session_id, room)
    members.presence(session, true)
    this.#expiry.watch(session)
    return session
  }

  enter(token: string): Session {
    this.#assertOpen()
    const session = this.#sessionIndex.find(token)
    if (!session) {
      const loading = this.loadRoomOf(token)
      if (!loading) throw unknownToken()
      loading.catch(() => undefined)
      throw roomUnloaded()
    }
    if (this.#expiry.hasExpired(session)) {
      this.#endExpired(session)
      throw unknownToken()
    }
    return session
  }

  loadRoomOf(token: string): Promise<void> | undefined {
    return this.#closedError ? undefined : this.#unloader.loadRoomOf(token)
  }

  observe(room: string, observer: RoomObserver): () => void {
    this.#assertOpen()
    const members = this.#rooms.find(room)
    if (!members?.room.access.observable) throw roomUnavailable(room)
    return members.observe(observer)
  }

  watch(request: WatchRequest, listener: ScoreListener): Promise<ScoreSubscription> {
    this.#assertOpen()
    return watchScore({ ...this.#admission, rooms: this.#rooms, admin: this.admin }, request, listener)
  }

  listed(): readonly ListedRoom[] {
    this.#assertOpen()
    return this.#rooms.listed.list()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  who(room: Room) {
    return this.#rooms.membersOf(room)!.who()
  }

  greet(room: Room, listener: RoomListener): void {
    this.#rooms.membersOf(room)?.greet(listener)
  }

  wrote(session: Session, elsewhere?: boolean): void {
    this.#rooms.membersOf(session.room)?.typing.changed(session, elsewhere)
  }

  hush({ room, persisted }: Session, on: boolean): boolean {
    if (persisted.person !== true) throw notPersonError()
    return this.#rooms.membersOf(room)!.hush(on)
  }

  active(session: Session): void {
    if (!session.away) return
    const members = this.#rooms.membersOf(session.room)
    const wasLapsed = session.lapsed
    if (wasLapsed) members?.takeBack(session, name => this.admin.banLeft(session.room.name, name) > 0)
    if (wasLapsed) this.#sessionIndex.lapseChanged(session)
    session.away = undefined
    members?.presence(session, true)
    if (wasLapsed) members?.showDraft(session)
    this.#expiry.watch(session)
  }

  draftChanged(session: Session, facts: readonly DraftEvent[], whole: boolean): void {
    this.#rooms.membersOf(session.room)?.draftChanged(session, facts, whole)
  }

  async left(session: Session, reason: string): Promise<void> {
    const members = this.#rooms.membersOf(session.room)
    if (!this.#sessionIndex.end(session) || !members) return
    this.#expiry.forget(session)
    this.#monitor.left(session.joinResult.session_id, session.room.name, reason)
    const removed = members.remove(session)
    if (!session.away) members.presence(session, false)
    await removed
    // A leave that is repeated meanwhile waits for the first one: a crash may still undo it.
    this.#sessionIndex.forget(session)
  }

  answered(session: Session): void {
    this.#rooms.membersOf(session.room)?.given(session)
  }

  idle(session: Session): void {
    this.#expiry.watch(session)
  }

  async #restoreSessions(members: RoomMembers, loaded: LoadedSessions | undefined): Promise<void> {
    const sessions = await this.#sessionFactory.restore(members, loaded)
    this.#unloaded.delete(members.room.name)
    for (const session of sessions) this.#sessionIndex.add(session)
    for (const session of sessions) {
      if (this.#expiry.hasExpired(session)) this.#endExpired(session)
      else this.#expiry.watch(session)
    }
  }

  async #close(): Promise<void> {
    const error = hubClosing()
    this.#closedError = error
    this.#expiry.close()
    this.#unloaded.close()
    // Write and show what was judged before the streams end.
    const all = [...this.#rooms]
    await Promise.all([this.#rooms.close(), ...all.map(({ room }) => room.close(error))])
    await Promise.all(all.flatMap(members => [members.sessionWriter?.idle(), this.#scores.leave(members)]))
    await this.#scores.close()
    for (const members of all) members.disconnectAll('The server is closing.')
  }

  /** Ends everything: what the session log holds is not known any more, so nothing may be acknowledged. */
  #fail(cause: unknown): MidsentenceError {
    const error = sessionLogFailed(cause)
    if (this.#closedError) return error
    this.#closedError = error
    this.#expiry.close()
    this.#unloaded.close()
    for (const members of this.#rooms) {
      for (const session of members.all()) session.fail(error)
      void members.room.close(error)
    }
    this.#onFailure(error)
    return error
  }

  /** Frees the name, the place and the floor of a session. */
  #lapse(session: Session): void {
    this.#rooms.membersOf(session.room)?.lapse(session)
    this.#sessionIndex.lapseChanged(session)
    session.room.decide({ type: 'leave', session: session.joinResult.session_id })
  }

  /** Gives a session back to the holder of its secret: with the same token, and until the new end of access. */
  async #rejoin(session: Session, proof: string, admission: AdmittedTerms): Promise<Session> {
    this.#sessionIndex.remember(session, tokenOf(session.persisted.session_id, proof))
    await Promise.all([session.joined, session.resume()])
    await session.identity.readmit(admission)
    this.#expiry.watch(session)
    return session
  }

  #endExpired(session: Session): void {
    const ended = session.end(session.until <= this.#clock.monotonic() ? accessEnded() : sessionExpired())
    // No caller waits for it. `onFailure` reports a log that fails.
    ended.catch(() => undefined)
  }

  #assertOpen(): void {
    if (this.#closedError) throw this.#closedError
  }
}
