import type { DraftEvent } from '../draft/events.ts'
import { MidsentenceError } from '../errors.ts'
import { memoryLog } from '../memory/memory-log.ts'
import { systemClock } from '../memory/system-clock.ts'
import type { Clock } from '../ports/clock.ts'
import { type Monitor, noMonitor } from '../ports/monitor.ts'
import { defaultPolicy, defaultRoomEntry, type Policy } from '../ports/policy.ts'
import type { RoomLog } from '../ports/room-log.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { Seq } from '../room/message.ts'
import { admitted } from './admitting.ts'
import type { Hub, HubSession } from './application.ts'
import { Attendance, defaultTimes, type SessionTimes } from './attendance.ts'
import type { CallRate } from './budget.ts'
import { newSession } from './evolve.ts'
import { type Keeper, Keeping } from './keeping.ts'
import { checkRoom, nameKey, nameOf } from './names.ts'
import type { Place } from './place.ts'
import { Places } from './places.ts'
import { proofIn, proofOf, sameProof, sealed, unsealed } from './proof.ts'
import { recover, statesOf } from './recovery.ts'
import type { JoinRequest, Observer } from './requests.ts'
import type { Room } from './room.ts'
import type { Seat } from './seat.ts'
import type { SeatHost } from './seat-parts.ts'
import { Seating } from './seating.ts'
import type { KeptSession, SessionFact } from './session-facts.ts'
import { Tokens } from './tokens.ts'

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
  readonly failed?: (error: MidsentenceError) => void
  /**
   * How often what was written is summed up, so that opening stays quick: a room leaves a snapshot behind so many
   * `records` (default 10,000), a session stands for itself behind so many `facts` (default 1000).
   */
  readonly sums?: { readonly records?: number; readonly facts?: number }
  /** How much one session may ask for. Whoever has the floor pushes all the same. Default: without limit. */
  readonly rate?: CallRate
  /** So long, in milliseconds, may a hook of the policy think. Default 2000. */
  readonly hooks_ms?: number
  /** Is told what happens, to count it. Default: nobody. */
  readonly monitor?: Monitor
  /** 256 random bits, for tokens. Default: from the system; a simulation gives its own. */
  readonly newToken?: () => string
}

/** A hub of this process, with its keeper's hand. */
export interface OpenedHub extends Hub {
  readonly asks: boolean
  readonly keeper: Keeper
}

/** Opens rooms in this process: as the logs have them, with every session where it left off. */
export async function openHub(options: HubOptions = {}): Promise<OpenedHub> {
  const hub = new Rooms(options)
  await hub.recover()
  return hub
}

class Rooms implements OpenedHub, SeatHost {
  readonly asks: boolean
  readonly keeper: Keeping
  readonly log: string
  readonly durability: 'memory' | 'flushed'
  readonly #sessions: SessionLog | undefined
  readonly #clock: Clock
  readonly #policy: Policy
  readonly #attendance: Attendance
  readonly #newToken: () => string
  readonly #places: Places
  readonly #tokens = new Tokens()
  readonly #seating: Seating
  readonly #monitor: Monitor
  readonly #hooks_ms: number
  readonly #failed: (error: MidsentenceError) => void
  #closing: Promise<void> | undefined
  #over: MidsentenceError | undefined

  constructor(options: HubOptions) {
    const { log = memoryLog(), sessions, clock, policy, times, tail = 1000, newToken, sums, failed } = options
    this.#sessions = sessions
    this.#clock = clock ?? systemClock()
    this.#policy = policy ?? defaultPolicy
    this.#attendance = new Attendance(
      this.#clock,
      { ...defaultTimes, ...times },
      {
        seats: () => this.#tokens.seats(),
        away: seat => this.#places.of(seat.room)?.presence(seat, false),
        lapsed: seat => void seat.end(this.#lapse(seat)),
      },
    )
    this.#failed = once(failed ?? (() => {}))
    const { records, facts } = { records: 10_000, facts: 1000, ...sums }
    this.#monitor = options.monitor ?? noMonitor
    this.#hooks_ms = options.hooks_ms ?? 2000
    this.asks = this.#policy.admit !== undefined
    const parts = { log, clock: this.#clock, policy: this.#policy, monitor: this.#monitor, tail, records }
    this.#places = new Places({ ...parts, remembers: sessions !== undefined, failed: this.#failed })
    this.keeper = new Keeping(this.#places, this.#clock)
    this.#newToken = newToken ?? randomToken
    this.log = log.id
    this.durability = log.durability
    this.#seating = new Seating({
      sessions,
      clock: this.#clock,
      policy: this.#policy,
      monitor: this.#monitor,
      durability: log.durability,
      rate: options.rate,
      hooks_ms: this.#hooks_ms,
      facts,
      host: this,
      failed: this.#fail,
    })
  }

  /** Takes up every session that was kept. */
  async recover(): Promise<void> {
    if (!this.#sessions) return
    for (const [name, sessions] of await recover(this.#sessions, this.log)) {
      const place = await this.#places.named(name)
      for (const [recovered, state] of await statesOf(sessions, place.room, this.durability)) {
        const { session, secret, opened } = recovered
        const { session_id, room, sender_id, log } = session
        const entrance = { session_id, token: '', room, sender_id, log, cursor: opened, ...termsOf(place) }
        // What it was shown is not known any more: all there is counts as shown.
        const seat = this.#seating.seat(place, {
          ...{ entrance, state, opened },
          shown: place.room.timeline.visible,
          kept: { ...session, token: proofIn(session.token) },
          written: recovered.facts.length,
          ...(secret !== undefined && { secret: proofIn(secret) }),
        })
        seat.used = true
        this.#tokens.add(seat)
      }
    }
    this.#attendance.watch()
  }

  async join(request: JoinRequest): Promise<HubSession> {
    this.#alive()
    const { room = 'lobby', username, since, secret, dialect } = request
    const asked = nameOf(username)
    if (secret !== undefined && new TextEncoder().encode(secret).length < 16) {
      throw new MidsentenceError('invalid-params', 'A secret has 16 or more random bytes: make a longer one.')
    }
    checkRoom(room)
    if (!{ ...defaultRoomEntry, ...this.#policy.entry?.(room) }.open) throw notHere(room)
    const admission = await this.#admitted(request, room, asked)
    const name = admission.username === undefined ? asked : nameOf(admission.username)
    if (!dialect) this.keeper.check(room, name)
    const place = await this.#places.named(room)
    this.#alive()
    const before = place.seats.get(nameKey(name))
    if (before) {
      if (secret !== undefined && before.secret !== undefined && sameProof(before.secret, proofOf(secret))) {
        return this.#again(before, secret, admission.until)
      }
      if (!this.#attendance.hasLapsed(before, 'asked')) {
        throw new MidsentenceError('name-taken', `The name ${name} is taken in ${room}: choose another.`)
      }
      void before.end(this.#lapse(before))
    }
    const { entry, timeline } = place.room
    if (place.seats.size >= entry.limit) {
      throw new MidsentenceError(
        'room-unavailable',
        `The room ${room} is full: ${entry.limit} at a time. Try again later, or choose another room.`,
      )
    }
    const cursor = this.#beginning(place, since)
    const session_id = `s-${this.#newToken().slice(0, 16)}`
    const token = this.#newToken()
    const entrance = { session_id, token, room, sender_id: name, log: this.log, cursor, ...termsOf(place) }
    const kept: KeptSession = {
      session_id,
      token: proofOf(token),
      room,
      sender_id: name,
      log: this.log,
      ...(secret !== undefined && { sealed: sealed(token, secret, session_id) }),
      ...(admission.until !== undefined && { until: admission.until }),
      ...((admission.person ?? request.person) && { person: true as const }),
    }
    const proof = secret === undefined ? {} : { secret: proofOf(secret) }
    const shown = Math.max(cursor, timeline.visible)
    const seat = this.#seating.seat(place, {
      ...{ entrance, state: newSession(cursor), shown, kept, opened: cursor, written: 0 },
      ...proof,
      ...(dialect && { dialect }),
    })
    this.#tokens.add(seat)
    this.#tokens.came(seat, token)
    if (!dialect) {
      const fact: SessionFact = { type: 'opened', session: kept, cursor, ...proof }
      await this.#sessions?.append([{ session_id, fact }]).catch(this.#fail)
    }
    this.#monitor.joined(session_id, room)
    place.presence(seat, true)
    this.#attendance.watch(seat)
    return seat
  }

  enter(token: string): HubSession {
    this.#alive()
    const seat = this.#tokens.find(token)
    if (!seat) throw unknown()
    if (this.#attendance.hasLapsed(seat)) {
      void seat.end(this.#lapse(seat))
      throw unknown()
    }
    return seat
  }

  observe(room: string, observer: Observer): () => void {
    this.#alive()
    const place = [...this.#places].find(({ room: { name } }) => name === room)
    if (!place?.room.entry.observable) throw notHere(room)
    return place.observe(observer)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  who(room: Room) {
    return this.#places.of(room)!.who()
  }

  seen(seat: Seat): void {
    if (!seat.away) return
    seat.away = undefined
    this.#places.of(seat.room)?.presence(seat, true)
    this.#attendance.watch(seat)
  }

  drafted(seat: Seat, facts: readonly DraftEvent[], whole: boolean): void {
    this.#places.of(seat.room)?.drafted(seat, facts, whole)
  }

  async left(seat: Seat, reason: string): Promise<void> {
    const place = this.#places.of(seat.room)
    const { session_id, sender_id } = seat.entrance
    if (!this.#tokens.delete(seat)) return
    this.#monitor.left(session_id, seat.room.name, reason)
    place?.seats.delete(nameKey(sender_id))
    if (!seat.away) place?.presence(seat, false)
    if (seat.dialect || !this.#sessions) return
    place?.leaving.add(session_id)
    await this.#sessions.append([{ session_id, fact: { type: 'closed' } }]).catch(this.#fail)
    place?.leaving.delete(session_id)
  }

  /** A call or a stream of it ended: from now on time counts. */
  idle(seat: Seat): void {
    this.#attendance.watch(seat)
  }

  async #close(): Promise<void> {
    this.#over = new MidsentenceError('unavailable', 'The server is closing. Try again when it is back.', {
      data: { retry_after_ms: 1000 },
    })
    this.#attendance.close()
    const over = this.#over
    // What was judged is written and shown before the streams end.
    const places = [...this.#places]
    await Promise.all(places.map(({ room }) => room.close(over)))
    for (const place of places) place.stop('The server is closing.')
  }

  /** What is written of sessions is not known any more: nothing that follows from it is told to anybody. */
  readonly #fail = (cause: unknown): never => {
    const error = new MidsentenceError(
      'unavailable',
      'The server could not write this down, and does nothing more. It is not known yet whether it was done: try again once the server is back.',
      { cause, data: { unknown: true } },
    )
    if (!this.#over) {
      this.#over = error
      this.#attendance.close()
      for (const { room, seats } of this.#places) {
        for (const seat of seats.values()) seat.fail(error)
        void room.close(error)
      }
      this.#failed(error)
    }
    throw error
  }

  #admitted({ dialect, credential, address }: JoinRequest, room: string, username: string) {
    if (dialect) return { allowed: true as const, username: undefined, until: undefined, person: undefined }
    const visitor = {
      room,
      username,
      ...(credential !== undefined && { credential }),
      ...(address !== undefined && { address }),
    }
    const refused = () => this.#monitor.refused('entry', room)
    return admitted(this.#policy, visitor, this.#clock, this.#hooks_ms, refused)
  }

  /** Reached again by its secret: with the token that it had, and with a new leave to be here. */
  async #again(seat: Seat, secret: string, until: number | undefined): Promise<Seat> {
    const { sealed: seal, session_id } = seat.kept
    if (seal !== undefined) this.#tokens.came(seat, unsealed(seal, secret, session_id))
    await seat.resume()
    await seat.extend(until)
    this.#attendance.watch(seat)
    return seat
  }

  /** Why a session is over that nobody ended. */
  #lapse({ until }: Seat): MidsentenceError {
    return until <= this.#clock.monotonic() ? notAnyMore() : expired()
  }

  #alive(): void {
    if (this.#over) throw this.#over
  }

  /** Where reading begins: now, or where the room lets one read what was said before. */
  #beginning({ room: { name, entry, timeline } }: Place, since: Seq | undefined): Seq {
    if (since === undefined || since === timeline.visible) return timeline.visible
    if (since > timeline.visible) {
      throw new MidsentenceError('invalid-params', `Nothing was said after ${timeline.visible} yet: join since that.`)
    }
    if (entry.history) return since
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
const termsOf = ({ room: { settings, entry } }: Place) => ({
  policy: settings.policy,
  ...(entry.observable && { observable: true as const }),
})

const unknown = () =>
  new MidsentenceError('session-unknown', 'This token belongs to no session, or it has expired. Join again to go on.')
const expired = () =>
  new MidsentenceError('session-unknown', 'This session has expired: nothing was heard of it. Join again to go on.')
const notAnyMore = () =>
  new MidsentenceError('session-unknown', 'Your leave to be here has expired. Get a new one, and join again.')
const notHere = (room: string) =>
  new MidsentenceError('room-unavailable', `There is no room ${room} for you here: choose another.`)

function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
