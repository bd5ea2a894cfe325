import type { DraftEvent } from '../draft/events.ts'
import { MidsentenceError } from '../errors.ts'
import { memoryLog } from '../memory/memory-log.ts'
import { systemClock } from '../memory/system-clock.ts'
import type { Clock } from '../ports/clock.ts'
import { type Monitor, noopMonitor } from '../ports/monitor.ts'
import { defaultPolicy, defaultRoomAccess, type Policy } from '../ports/policy.ts'
import type { RoomLog } from '../ports/room-log.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { Seq } from '../room/message.ts'
import { newSession } from '../session/evolve.ts'
import type { PersistedSession, SessionFact } from '../session/facts.ts'
import { admitted } from './access/admission.ts'
import { assertRoomName, nameKey, validName } from './access/names.ts'
import type { CallRate } from './access/rate-limit.ts'
import { equalHashes, hashToken, sealToken, storedHash, unsealToken } from './access/token-hash.ts'
import { HubAdmin, type RoomAdmin } from './admin.ts'
import type { Hub, HubSession } from './hub-api.ts'
import type { JoinRequest, RoomObserver } from './requests.ts'
import type { Room } from './room/room.ts'
import type { RoomMembers } from './room-members.ts'
import { RoomRegistry } from './room-registry.ts'
import { readSessions, restoreStates } from './session/recovery.ts'
import type { Session } from './session/session.ts'
import type { SessionOwner } from './session/session-deps.ts'
import { defaultTimes, SessionExpiry, type SessionTimes } from './session/session-expiry.ts'
import { SessionIndex } from './session/session-index.ts'
import { SessionFactory } from './session-factory.ts'

export interface HubOptions {
  /** Where messages are kept. Its maker closes it, after the hub. Default: in memory. */
  readonly log?: RoomLog
  /** Where sessions are kept: drafts, cursors, remembered answers. Its maker closes it. Default: nowhere but in the hub. */
  readonly sessions?: SessionLog
  readonly clock?: Clock
  readonly policy?: Policy
  readonly times?: Partial<SessionTimes>
  /** The text of so many messages of a room stays in memory at least; what is older is read from the log. Default 1000. */
  readonly tail?: number
  /**
   * Called once, where a log could not write: it, or the room, refuses everything from then on, since nobody knows what
   * of it will be there. Whoever opened the hub says so, closes it, and opens another over the same logs. Must not throw.
   */
  readonly onFailure?: (error: MidsentenceError) => void
  /**
   * How often what was written is summed up, so that opening stays quick: a room leaves a snapshot behind so many
   * `records` (default 10,000), a session stands for itself behind so many `facts` (default 1000).
   */
  readonly snapshotEvery?: { readonly records?: number; readonly facts?: number }
  /** How much one session may ask for. Whoever has the floor pushes all the same. Default: without limit. */
  readonly rateLimit?: CallRate
  /** So long, in milliseconds, may a hook of the policy think. Default 2000. */
  readonly hook_timeout_ms?: number
  /** Is told what happens, to count it. Default: nobody. */
  readonly monitor?: Monitor
  /** 256 random bits, for tokens. Default: from the system; a simulation gives its own. */
  readonly newToken?: () => string
}

/** A hub of this process, with its keeper's hand. */
export interface OpenedHub extends Hub {
  readonly requiresCredential: boolean
  readonly admin: RoomAdmin
}

/** Opens rooms in this process: as the logs have them, with every session where it left off. */
export async function openHub(options: HubOptions = {}): Promise<OpenedHub> {
  const hub = new LocalHub(options)
  await hub.recover()
  return hub
}

class LocalHub implements OpenedHub, SessionOwner {
  readonly requiresCredential: boolean
  readonly admin: HubAdmin
  readonly log: string
  readonly durability: 'memory' | 'flushed'
  readonly #sessionLog: SessionLog | undefined
  readonly #clock: Clock
  readonly #policy: Policy
  readonly #expiry: SessionExpiry
  readonly #newToken: () => string
  readonly #rooms: RoomRegistry
  readonly #sessionIndex = new SessionIndex()
  readonly #sessionFactory: SessionFactory
  readonly #monitor: Monitor
  readonly #hookTimeoutMs: number
  readonly #failed: (error: MidsentenceError) => void
  #closing: Promise<void> | undefined
  #closedError: MidsentenceError | undefined

  constructor(options: HubOptions) {
    const {
      log = memoryLog(),
      sessions,
      clock,
      policy,
      times,
      tail = 1000,
      newToken,
      snapshotEvery,
      onFailure,
    } = options
    this.#sessionLog = sessions
    this.#clock = clock ?? systemClock()
    this.#policy = policy ?? defaultPolicy
    this.#expiry = new SessionExpiry(
      this.#clock,
      { ...defaultTimes, ...times },
      {
        sessions: () => this.#sessionIndex.sessions(),
        away: seat => this.#rooms.membersOf(seat.room)?.presence(seat, false),
        expired: seat => void seat.end(this.#expire(seat)),
      },
    )
    this.#failed = once(onFailure ?? (() => {}))
    const { records, facts } = { records: 10_000, facts: 1000, ...snapshotEvery }
    this.#monitor = options.monitor ?? noopMonitor
    this.#hookTimeoutMs = options.hook_timeout_ms ?? 2000
    this.requiresCredential = this.#policy.admit !== undefined
    const parts = { log, clock: this.#clock, policy: this.#policy, monitor: this.#monitor, tail, records }
    this.#rooms = new RoomRegistry({ ...parts, tracksPushes: sessions !== undefined, failed: this.#failed })
    this.admin = new HubAdmin(this.#rooms, this.#clock)
    this.#newToken = newToken ?? randomToken
    this.log = log.id
    this.durability = log.durability
    this.#sessionFactory = new SessionFactory({
      sessions,
      clock: this.#clock,
      policy: this.#policy,
      monitor: this.#monitor,
      durability: log.durability,
      rateLimit: options.rateLimit,
      hooks_ms: this.#hookTimeoutMs,
      facts,
      owner: this,
      failed: this.#fail,
    })
  }

  /** Takes up every session that was kept. */
  async recover(): Promise<void> {
    if (!this.#sessionLog) return
    for (const [name, sessions] of await readSessions(this.#sessionLog, this.log)) {
      const place = await this.#rooms.open(name)
      for (const [recovered, state] of await restoreStates(sessions, place.room, this.durability)) {
        const { session, secret, opened } = recovered
        const { session_id, room, sender_id, log } = session
        const entrance = { session_id, token: '', room, sender_id, log, cursor: opened, ...roomTerms(place) }
        // What it was shown is not known any more: all there is counts as shown.
        const seat = this.#sessionFactory.create(place, {
          ...{ joinResult: entrance, state, opened },
          shown: place.room.window.visible,
          persisted: { ...session, token: storedHash(session.token) },
          written: recovered.facts.length,
          ...(secret !== undefined && { secret: storedHash(secret) }),
        })
        seat.used = true
        this.#sessionIndex.add(seat)
      }
    }
    this.#expiry.watch()
  }

  async join(request: JoinRequest): Promise<HubSession> {
    this.#assertOpen()
    const { room = 'lobby', username, since, secret, legacy } = request
    const asked = validName(username)
    if (secret !== undefined && new TextEncoder().encode(secret).length < 16) {
      throw new MidsentenceError('invalid-params', 'A secret has 16 or more random bytes: make a longer one.')
    }
    assertRoomName(room)
    if (!{ ...defaultRoomAccess, ...this.#policy.access?.(room) }.open) throw roomUnavailable(room)
    const admission = await this.#admitted(request, room, asked)
    const name = admission.username === undefined ? asked : validName(admission.username)
    if (!legacy) this.admin.assertMayJoin(room, name)
    const place = await this.#rooms.open(room)
    this.#assertOpen()
    const before = place.sessions.get(nameKey(name))
    if (before) {
      if (secret !== undefined && before.secret !== undefined && equalHashes(before.secret, hashToken(secret))) {
        return this.#rejoin(before, secret, admission.until)
      }
      if (!this.#expiry.hasExpired(before, 'asked')) {
        throw new MidsentenceError('name-taken', `The name ${name} is taken in ${room}: choose another.`)
      }
      void before.end(this.#expire(before))
    }
    const { access, window } = place.room
    if (place.sessions.size >= access.limit) {
      throw new MidsentenceError(
        'room-unavailable',
        `The room ${room} is full: ${access.limit} at a time. Try again later, or choose another room.`,
      )
    }
    const cursor = this.#startCursor(place, since)
    const session_id = `s-${this.#newToken().slice(0, 16)}`
    const token = this.#newToken()
    const entrance = { session_id, token, room, sender_id: name, log: this.log, cursor, ...roomTerms(place) }
    const kept: PersistedSession = {
      session_id,
      token: hashToken(token),
      room,
      sender_id: name,
      log: this.log,
      ...(secret !== undefined && { sealed: sealToken(token, secret, session_id) }),
      ...(admission.until !== undefined && { until: admission.until }),
      ...((admission.person ?? request.person) && { person: true as const }),
    }
    const proof = secret === undefined ? {} : { secret: hashToken(secret) }
    const shown = Math.max(cursor, window.visible)
    const seat = this.#sessionFactory.create(place, {
      ...{ joinResult: entrance, state: newSession(cursor), shown, persisted: kept, opened: cursor, written: 0 },
      ...proof,
      ...(legacy && { legacy }),
    })
    this.#sessionIndex.add(seat)
    this.#sessionIndex.remember(seat, token)
    if (!legacy) {
      const fact: SessionFact = { type: 'opened', session: kept, cursor, ...proof }
      await this.#sessionLog?.append([{ session_id, fact }]).catch(this.#fail)
    }
    this.#monitor.joined(session_id, room)
    place.presence(seat, true)
    this.#expiry.watch(seat)
    return seat
  }

  enter(token: string): HubSession {
    this.#assertOpen()
    const seat = this.#sessionIndex.find(token)
    if (!seat) throw unknown()
    if (this.#expiry.hasExpired(seat)) {
      void seat.end(this.#expire(seat))
      throw unknown()
    }
    return seat
  }

  observe(room: string, observer: RoomObserver): () => void {
    this.#assertOpen()
    const place = [...this.#rooms].find(({ room: { name } }) => name === room)
    if (!place?.room.access.observable) throw roomUnavailable(room)
    return place.observe(observer)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  who(room: Room) {
    return this.#rooms.membersOf(room)!.who()
  }

  active(seat: Session): void {
    if (!seat.away) return
    seat.away = undefined
    this.#rooms.membersOf(seat.room)?.presence(seat, true)
    this.#expiry.watch(seat)
  }

  draftChanged(seat: Session, facts: readonly DraftEvent[], whole: boolean): void {
    this.#rooms.membersOf(seat.room)?.draftChanged(seat, facts, whole)
  }

  async left(seat: Session, reason: string): Promise<void> {
    const place = this.#rooms.membersOf(seat.room)
    const { session_id, sender_id } = seat.joinResult
    if (!this.#sessionIndex.delete(seat)) return
    this.#monitor.left(session_id, seat.room.name, reason)
    place?.sessions.delete(nameKey(sender_id))
    if (!seat.away) place?.presence(seat, false)
    if (seat.legacy || !this.#sessionLog) return
    place?.leaving.add(session_id)
    await this.#sessionLog.append([{ session_id, fact: { type: 'closed' } }]).catch(this.#fail)
    place?.leaving.delete(session_id)
  }

  /** A call or a stream of it ended: from now on time counts. */
  idle(seat: Session): void {
    this.#expiry.watch(seat)
  }

  async #close(): Promise<void> {
    this.#closedError = new MidsentenceError('unavailable', 'The server is closing. Try again when it is back.', {
      data: { retry_after_ms: 1000 },
    })
    this.#expiry.close()
    const over = this.#closedError
    // What was judged is written and shown before the streams end.
    const places = [...this.#rooms]
    await Promise.all(places.map(({ room }) => room.close(over)))
    for (const place of places) place.disconnectAll('The server is closing.')
  }

  /** What is written of sessions is not known any more: nothing that follows from it is told to anybody. */
  readonly #fail = (cause: unknown): never => {
    const error = new MidsentenceError(
      'unavailable',
      'The server could not write this down, and does nothing more. It is not known yet whether it was done: try again once the server is back.',
      { cause, data: { unknown: true } },
    )
    if (!this.#closedError) {
      this.#closedError = error
      this.#expiry.close()
      for (const { room, sessions } of this.#rooms) {
        for (const seat of sessions.values()) seat.fail(error)
        void room.close(error)
      }
      this.#failed(error)
    }
    throw error
  }

  #admitted({ legacy, credential, address }: JoinRequest, room: string, username: string) {
    if (legacy) return { allowed: true as const, username: undefined, until: undefined, person: undefined }
    const visitor = {
      room,
      username,
      ...(credential !== undefined && { credential }),
      ...(address !== undefined && { address }),
    }
    const refused = () => this.#monitor.refused('entry', room)
    return admitted(this.#policy, visitor, this.#clock, this.#hookTimeoutMs, refused)
  }

  /** Reached again by its secret: with the token that it had, and with a new leave to be here. */
  async #rejoin(seat: Session, secret: string, until: number | undefined): Promise<Session> {
    const { sealed: seal, session_id } = seat.persisted
    if (seal !== undefined) this.#sessionIndex.remember(seat, unsealToken(seal, secret, session_id))
    await seat.resume()
    await seat.extend(until)
    this.#expiry.watch(seat)
    return seat
  }

  /** Why a session is over that nobody ended. */
  #expire({ until }: Session): MidsentenceError {
    return until <= this.#clock.monotonic() ? accessEnded() : expired()
  }

  #assertOpen(): void {
    if (this.#closedError) throw this.#closedError
  }

  /** Where reading begins: now, or where the room lets one read what was said before. */
  #startCursor({ room: { name, access, window } }: RoomMembers, since: Seq | undefined): Seq {
    if (since === undefined || since === window.visible) return window.visible
    if (since > window.visible) {
      throw new MidsentenceError('invalid-params', `Nothing was said after ${window.visible} yet: join since that.`)
    }
    if (access.history) return since
    throw new MidsentenceError(
      'room-unavailable',
      `The room ${name} does not show what was said before: join without since.`,
    )
  }
}

function once<T>(call: (value: T) => void): (value: T) => void {
  let called = false
  return value => {
    if (!called) call(value)
    called = true
  }
}

/** What one who joins is told of the room. */
const roomTerms = ({ room: { settings, access } }: RoomMembers) => ({
  policy: settings.policy,
  ...(access.observable && { observable: true as const }),
})

const unknown = () =>
  new MidsentenceError('session-unknown', 'This token belongs to no session, or it has expired. Join again to go on.')
const expired = () =>
  new MidsentenceError('session-unknown', 'This session has expired: nothing was heard of it. Join again to go on.')
const accessEnded = () =>
  new MidsentenceError('session-unknown', 'Your leave to be here has expired. Get a new one, and join again.')
const roomUnavailable = (room: string) =>
  new MidsentenceError('room-unavailable', `There is no room ${room} for you here: choose another.`)

function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
