import { isMidsentenceError, type MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { OpenRequest, OpenResult, SessionIdentity } from '../ports/transport.ts'
import { NoResponseError, protocolError } from './no-response-error.ts'
import { type JoinedSession, readJoinResult } from './read-response.ts'
import type { Rpc } from './rpc.ts'
import type { ServerAddresses } from './server-addresses.ts'
import { waitAtMost } from './timeouts.ts'
import { transportErrors } from './transport-errors.ts'

const REJOIN_MS = 10_000
const LEAVE_MS = 2000

/** Additional attempts to join after a lost answer. */
const EXTRA_ATTEMPTS = 2

/** Whether a session is the same under the same name and token. */
export const isSameIdentity = (one: SessionIdentity, other: SessionIdentity): boolean =>
  one.token === other.token && one.sender_id === other.sender_id

/** Error codes of a join that a retry does not change. */
const FINAL: readonly unknown[] = ['name-taken', 'room-unavailable', 'invalid-params']

/** Whether the server refused to let a participant come back, for a reason that a retry does not change. */
export const isFinalRefusal = (error: unknown): error is MidsentenceError =>
  isMidsentenceError(error) && FINAL.includes(error.code)

const isOutcomeUnknown = (error: unknown): boolean => error instanceof NoResponseError && error.outcomeUnknown

const startParams = (since: OpenRequest['since']) =>
  since === undefined ? {} : typeof since === 'number' ? { since } : { last: since.last }

/** Leaves in progress in this process, by server, room and name: a join under the same name waits for them. */
const leaving = new Map<string, Promise<void>>()

/** Opens, resumes and leaves the session of one participant on a server. */
export class SessionClient {
  readonly #rpc: Rpc
  readonly #addresses: ServerAddresses
  readonly #clock: Clock
  #request!: OpenRequest
  /** A session that replaces a lost one begins at the newest message. */
  #isFirst = true
  #session: SessionIdentity | undefined
  #closed = false
  #inFlight: Promise<unknown> = Promise.resolve()
  #leaving: Promise<void> | undefined

  constructor(rpc: Rpc, addresses: ServerAddresses, clock: Clock) {
    this.#rpc = rpc
    this.#addresses = addresses
    this.#clock = clock
  }

  get session(): SessionIdentity | undefined {
    return this.#session
  }

  /**
   * Joins or resumes before the moment `until` on the monotonic clock. Rejects with a sentence that says what to start.
   */
  join(request: OpenRequest, until: number): Promise<OpenResult> {
    this.#request = request
    return this.#tracked(this.#join(request.resume, until))
  }

  /**
   * Resumes the session, or creates another one. `cursor` is the server's. Rejects with the server's error or with a
   * `NoResponseError`.
   */
  rejoin(): Promise<OpenResult> {
    return this.#tracked(this.#once(this.#session, REJOIN_MS))
  }

  /** Forgets the session without leaving it, so that the next attempt can resume it. */
  abandon(): void {
    this.#session = undefined
  }

  /** Leaves within two seconds, if the server answers. Idempotent, never fails. */
  leave(): Promise<void> {
    this.#closed = true
    if (!this.#leaving) {
      const key = this.#key
      const left = this.#leave()
      this.#leaving = left
      leaving.set(key, left)
      void left.then(() => {
        if (leaving.get(key) === left) leaving.delete(key)
      })
    }
    return this.#leaving
  }

  get #key(): string {
    const { room, username } = this.#request ?? {}
    return JSON.stringify([this.#addresses.url, room, username])
  }

  async #leave(): Promise<void> {
    const until = this.#clock.monotonic() + LEAVE_MS
    // A join in progress may still create a session.
    await waitAtMost(this.#clock, this.#inFlight, LEAVE_MS)
    const token = this.#session?.token
    this.#session = undefined
    for (let isOpen = token !== undefined; isOpen && this.#clock.monotonic() < until; ) {
      const ms = until - this.#clock.monotonic()
      isOpen = await this.#rpc.call('leave', {}, { token: token!, ms }).then(() => false, isOutcomeUnknown)
    }
  }

  async #join(resume: OpenRequest['resume'], until: number): Promise<OpenResult> {
    const left = leaving.get(this.#key)
    if (left) await waitAtMost(this.#clock, left, until - this.#clock.monotonic())
    if (this.#closed) throw transportErrors.closed()
    let lostAnswer = false
    for (let failures = 1; ; failures++) {
      const addressesLeft = Math.max(this.#addresses.count - failures + 1, 1)
      try {
        const opened = await this.#once(resume?.session, (until - this.#clock.monotonic()) / addressesLeft)
        return resume && opened.resumed ? { ...opened, cursor: resume.after } : opened
      } catch (error) {
        if (this.#closed) throw transportErrors.closed()
        if (error instanceof NoResponseError && isMidsentenceError(error.cause)) throw error.cause
        if (!(error instanceof NoResponseError)) {
          const taken = isMidsentenceError(error) && error.code === 'name-taken'
          throw taken && lostAnswer ? transportErrors.nameTakenAfterLostResponse(this.#request.username, error) : error
        }
        const { url } = this.#addresses
        this.#addresses.next()
        lostAnswer ||= error.outcomeUnknown
        const attempts = this.#addresses.count + (error.outcomeUnknown ? EXTRA_ATTEMPTS : 0)
        if (failures >= attempts || this.#clock.monotonic() >= until)
          throw transportErrors.connectFailed(url, error, false, this.#addresses.names)
      }
    }
  }

  async #once(before: SessionIdentity | undefined, ms: number): Promise<OpenResult> {
    const until = this.#clock.monotonic() + ms
    const { room, username, since } = this.#request
    const start = this.#isFirst ? startParams(since) : {}
    const secret = this.#request.secret === undefined ? {} : { secret: this.#request.secret }
    const { credential, person, typing_indicator } = this.#request
    const credentials = {
      ...secret,
      ...(credential !== undefined && { credential }),
      ...(person && { person }),
      ...(typing_indicator === false && { typing_indicator }),
    }
    const resumedSession = before && (await this.#resume(before, ms))
    const joined =
      resumedSession ??
      (await this.#call('join', { room, username, ...start, ...credentials }, until - this.#clock.monotonic()))
    const session = { ...joined.session, ...secret }
    this.#session = session
    this.#isFirst = false
    const resumed = before?.session_id === session.session_id && before.log === session.log
    return { ...joined, session, resumed }
  }

  async #resume({ token }: SessionIdentity, ms: number): Promise<JoinedSession | undefined> {
    try {
      return await this.#call('resume', {}, ms, token)
    } catch (error) {
      if (isMidsentenceError(error) && error.code === 'session-unknown') return undefined
      // The session lives, but another participant has its place in a full room: try again later.
      if (isMidsentenceError(error) && error.code === 'room-unavailable')
        throw new NoResponseError({ reason: error.message.replace(/\.$/, ''), outcomeUnknown: false, cause: error })
      throw error
    }
  }

  async #call(method: string, params: object, ms: number, token?: string): Promise<JoinedSession> {
    const options = { ms: Math.max(ms, 0), ...(token !== undefined && { token }) }
    const joined = readJoinResult(await this.#rpc.call(method, params, options))
    if (!joined) throw protocolError(`its answer to ${method} is incomplete`)
    return joined
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#inFlight = Promise.allSettled([this.#inFlight, work]).then(() => {})
    return work
  }
}
