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
import { equalHashes, hashToken, sealToken, unsealToken } from './access/token-hash.ts'
import { HubAdmin } from './admin.ts'
import type { Hub, HubSession, RoomAdmin } from './hub-api.ts'
import type { JoinRequest, RoomObserver } from './requests.ts'
import type { Room } from './room/room.ts'
import type { RoomMembers } from './room-members.ts'
import { RoomRegistry } from './room-registry.ts'
import type { Session } from './session/session.ts'
import type { SessionOwner } from './session/session-deps.ts'
import { defaultTimes, SessionExpiry, type SessionTimes } from './session/session-expiry.ts'
import { SessionIndex } from './session/session-index.ts'
import { SessionFactory } from './session-factory.ts'

export interface HubOptions {
  /** Where messages are kept. The caller closes it, after the hub. Default: in memory. */
  readonly log?: RoomLog
  /** Where drafts, cursors and remembered answers are kept. The caller closes it. Default: only in the hub. */
  readonly sessions?: SessionLog
  readonly clock?: Clock
  readonly policy?: Policy
  readonly times?: Partial<SessionTimes>
  /** How many of a room's newest messages stay in memory with their text; older ones are read from the log. Default 1000. */
  readonly tail?: number
  /**
   * Called once, when a log cannot write. From then on the room, or with the session log the whole hub, rejects every
   * call, since it does not know what the log holds. Close the hub and open another over the same logs. Must not throw.
   */
  readonly onFailure?: (error: MidsentenceError) => void
  /** Snapshot intervals: per room in `records` (default 10,000), per session in `facts` (default 1000). */
  readonly snapshotEvery?: { readonly records?: number; readonly facts?: number }
  /** How many calls a session may make. Does not limit pushes of the participant with the floor. Default: no limit. */
  readonly rateLimit?: CallRate
  /** How long a hook of the policy may take, in milliseconds. Default 2000. */
  readonly hook_timeout_ms?: number
  /** Counts what happens. Default: none. */
  readonly monitor?: Monitor
  /** Returns 256 random bits, for tokens and ids. Default: from the system; a simulation gives its own. */
  readonly newToken?: () => string
}

/** An in-process hub with its admin API. */
export interface OpenedHub extends Hub {
  readonly requiresCredential: boolean
  readonly admin: RoomAdmin
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
  readonly #onFailure: (error: MidsentenceError) => void
  #closing: Promise<void> | undefined
  #closedError: MidsentenceError | undefined

  constructor(options: HubOptions) {
    const { log = memoryLog(), sessions, times, tail = 1000, snapshotEvery, onFailure } = options
    const { records, facts } = { records: 10_000, facts: 1000, ...snapshotEvery }
    const clock = options.clock ?? systemClock()
    const policy = options.policy ?? defaultPolicy
    const monitor = options.monitor ?? noopMonitor
    this.#sessionLog = sessions
    this.#clock = clock
    this.#policy = policy
    this.#monitor = monitor
    this.#newToken = options.newToken ?? randomToken
    this.#hookTimeoutMs = options.hook_timeout_ms ?? 2000
    this.#onFailure = once(onFailure ?? (() => {}))
    this.requiresCredential = policy.admit !== undefined
    this.log = log.id
    this.durability = log.durability
    this.#expiry = new SessionExpiry(
      clock,
      { ...defaultTimes, ...times },
      {
        sessions: () => this.#sessionIndex.sessions(),
        away: session => this.#rooms.membersOf(session.room)?.presence(session, false),
        expired: session => this.#endExpired(session),
      },
    )
    this.#rooms = new RoomRegistry({
      log,
      clock,
      policy,
      monitor,
      tail,
      records,
      tracksPushes: sessions !== undefined,
      opened: members => this.#restoreSessions(members),
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
      hookTimeoutMs: this.#hookTimeoutMs,
      snapshotEvery: facts,
      owner: this,
      failed: cause => this.#fail(cause),
    })
    this.admin = new HubAdmin(this.#rooms, clock)
  }

  /** Opens every room with an open session. */
  async recover(): Promise<void> {
    if (!this.#sessionLog) return
    for await (const room of this.#sessionLog.rooms()) await this.#rooms.open(room)
  }

  async join(request: JoinRequest): Promise<HubSession> {
    this.#assertOpen()
    const { room = 'lobby', username, since, secret, legacy } = request
    const requestedName = validName(username)
    if (secret !== undefined && new TextEncoder().encode(secret).length < 16) {
      throw new MidsentenceError('invalid-params', 'A secret has 16 or more random bytes: make a longer one.')
    }
    assertRoomName(room)
    if (!{ ...defaultRoomAccess, ...this.#policy.access?.(room) }.open) throw roomUnavailable(room)
    const admission = await this.#admitted(request, room, requestedName)
    const name = admission.username === undefined ? requestedName : validName(admission.username)
    if (!legacy) this.admin.assertMayJoin(room, name)
    const members = await this.#rooms.open(room)
    this.#assertOpen()
    const existing = members.sessions.get(nameKey(name))
    if (existing) {
      if (secret !== undefined && existing.secret !== undefined && equalHashes(existing.secret, hashToken(secret))) {
        return this.#rejoin(existing, secret, admission.until)
      }
      if (!this.#expiry.hasExpired(existing, 'nameWanted')) {
        throw new MidsentenceError('name-taken', `The name ${name} is taken in ${room}: choose another.`)
      }
      this.#endExpired(existing)
    }
    const { access, window } = members.room
    if (members.sessions.size >= access.limit) {
      throw new MidsentenceError(
        'room-unavailable',
        `The room ${room} is full: ${access.limit} at a time. Try again later, or choose another room.`,
      )
    }
    const cursor = this.#startCursor(members, since)
    const session_id = `s-${this.#newToken().slice(0, 16)}`
    const token = this.#newToken()
    const identity = { session_id, room, sender_id: name, log: this.log }
    const persisted: PersistedSession = {
      ...identity,
      token: hashToken(token),
      ...(secret !== undefined && { sealed: sealToken(token, secret, session_id) }),
      ...(admission.until !== undefined && { until: admission.until }),
      ...((admission.person ?? request.person) && { person: true as const }),
    }
    const hashedSecret = secret === undefined ? {} : { secret: hashToken(secret) }
    const session = this.#sessionFactory.create(members, {
      joinResult: { ...identity, token, cursor, ...members.terms },
      state: newSession(cursor),
      shown: Math.max(cursor, window.visible),
      persisted,
      opened: cursor,
      written: 0,
      ...hashedSecret,
      ...(legacy && { legacy }),
    })
    this.#sessionIndex.add(session)
    this.#sessionIndex.remember(session, token)
    if (!legacy) {
      const fact: SessionFact = { type: 'opened', session: persisted, cursor, ...hashedSecret }
      await members.sessionWriter?.append({ session_id, fact })
    }
    this.#monitor.joined(session_id, room)
    members.presence(session, true)
    this.#expiry.watch(session)
    return session
  }

  enter(token: string): HubSession {
    this.#assertOpen()
    const session = this.#sessionIndex.find(token)
    if (!session) throw unknownToken()
    if (this.#expiry.hasExpired(session)) {
      this.#endExpired(session)
      throw unknownToken()
    }
    return session
  }

  observe(room: string, observer: RoomObserver): () => void {
    this.#assertOpen()
    const members = [...this.#rooms].find(({ room: { name } }) => name === room)
    if (!members?.room.access.observable) throw roomUnavailable(room)
    return members.observe(observer)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  who(room: Room) {
    return this.#rooms.membersOf(room)!.who()
  }

  active(session: Session): void {
    if (!session.away) return
    session.away = undefined
    this.#rooms.membersOf(session.room)?.presence(session, true)
    this.#expiry.watch(session)
  }

  draftChanged(session: Session, facts: readonly DraftEvent[], whole: boolean): void {
    this.#rooms.membersOf(session.room)?.draftChanged(session, facts, whole)
  }

  async left(session: Session, reason: string): Promise<void> {
    const members = this.#rooms.membersOf(session.room)
    const { session_id, sender_id } = session.joinResult
    if (!this.#sessionIndex.delete(session) || !members) return
    this.#monitor.left(session_id, session.room.name, reason)
    members.sessions.delete(nameKey(sender_id))
    if (!session.away) members.presence(session, false)
    if (session.legacy || !members.sessionWriter) return
    members.leaving.add(session_id)
    await members.sessionWriter.append({ session_id, fact: { type: 'closed' } })
    members.leaving.delete(session_id)
  }

  idle(session: Session): void {
    this.#expiry.watch(session)
  }

  async #restoreSessions(members: RoomMembers): Promise<void> {
    for (const session of await this.#sessionFactory.restore(members)) {
      this.#sessionIndex.add(session)
      this.#expiry.watch(session)
    }
  }

  async #close(): Promise<void> {
    const error = new MidsentenceError('unavailable', 'The server is closing. Try again when it is back.', {
      data: { retry_after_ms: 1000 },
    })
    this.#closedError = error
    this.#expiry.close()
    // Write and show what was judged before the streams end.
    const all = [...this.#rooms]
    await Promise.all(all.map(({ room }) => room.close(error)))
    await Promise.all(all.map(({ sessionWriter }) => sessionWriter?.idle()))
    for (const members of all) members.disconnectAll('The server is closing.')
  }

  /** Ends everything: what the session log holds is not known any more, so nothing may be acknowledged. */
  #fail(cause: unknown): MidsentenceError {
    const error = new MidsentenceError(
      'unavailable',
      'The server could not write this down and has stopped. It is not known yet whether it was done: try again once the server is back.',
      { cause, data: { unknown: true } },
    )
    if (this.#closedError) return error
    this.#closedError = error
    this.#expiry.close()
    for (const { room, sessions } of this.#rooms) {
      for (const session of sessions.values()) session.fail(error)
      void room.close(error)
    }
    this.#onFailure(error)
    return error
  }

  #admitted({ legacy, credential, address }: JoinRequest, room: string, username: string) {
    if (legacy) return { allowed: true as const, username: undefined, until: undefined, person: undefined }
    const request = {
      room,
      username,
      ...(credential !== undefined && { credential }),
      ...(address !== undefined && { address }),
    }
    return admitted(this.#policy, request, this.#clock, this.#hookTimeoutMs, () => this.#monitor.refused('entry', room))
  }

  /** Gives a session back to the holder of its secret: with the same token, and until the new end of access. */
  async #rejoin(session: Session, secret: string, until: number | undefined): Promise<Session> {
    const { sealed, session_id } = session.persisted
    if (sealed !== undefined) this.#sessionIndex.remember(session, unsealToken(sealed, secret, session_id))
    await session.resume()
    await session.extend(until)
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

  /** The first cursor of a session: the newest message, or an earlier one where the room shows its history. */
  #startCursor({ room: { name, access, window } }: RoomMembers, since: Seq | undefined): Seq {
    if (since === undefined || since === window.visible) return window.visible
    if (since > window.visible) {
      throw new MidsentenceError(
        'invalid-params',
        `The newest message is ${window.visible}: join with a since up to that.`,
      )
    }
    if (access.history) return since
    throw new MidsentenceError(
      'room-unavailable',
      `The room ${name} does not show earlier messages: join without since.`,
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

const unknownToken = () =>
  new MidsentenceError('session-unknown', 'This token belongs to no session, or it has expired. Join again to go on.')
const sessionExpired = () =>
  new MidsentenceError(
    'session-unknown',
    'This session has expired: it made no call for too long. Join again to go on.',
  )
const accessEnded = () =>
  new MidsentenceError('session-unknown', 'Your access to this room has ended. Get a new credential, and join again.')
const roomUnavailable = (room: string) =>
  new MidsentenceError('room-unavailable', `There is no room ${room} for you here: choose another.`)

function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
