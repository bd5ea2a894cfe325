import { isMidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { OpenRequest, OpenResult, SessionIdentity } from '../ports/transport.ts'
import { NoResponseError, protocolError } from './no-response-error.ts'
import { type JoinedSession, readJoinResult } from './read-response.ts'
import type { Rpc } from './rpc.ts'
import type { ServerAddresses } from './server-addresses.ts'
import { transportErrors } from './transport-errors.ts'
import { waitAtMost } from './wait-at-most.ts'

const REJOIN_MS = 10_000
const LEAVE_MS = 2000

/** So many more attempts to come in, where answers are lost on the way. */
const EXTRA_ATTEMPTS = 2

const isOutcomeUnknown = (error: unknown): boolean => error instanceof NoResponseError && error.outcomeUnknown

/** One participant's place on a server: entered, found again where it was lost, given up. */
export class SessionClient {
  readonly #rpc: Rpc
  readonly #addresses: ServerAddresses
  readonly #clock: Clock
  #joiner!: OpenRequest
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

  /** Comes in, or back, before the moment `until`. Rejects with a sentence that says what to start. */
  join(comer: OpenRequest, until: number): Promise<OpenResult> {
    this.#joiner = comer
    return this.#tracked(this.#join(comer.resume, until))
  }

  /**
   * Finds the session again, or makes another one. `cursor` is where the server believes it to stand. Rejects with the
   * server's refusal, or with `Unanswered`.
   */
  rejoin(): Promise<OpenResult> {
    return this.#tracked(this.#once(this.#session, REJOIN_MS))
  }

  /** Leaves the session to itself: the next attempt finds it as it is. */
  abandon(): void {
    this.#session = undefined
  }

  /** Gives the place up, as well as that can be done in two seconds. Idempotent, never fails. */
  leave(): Promise<void> {
    this.#closed = true
    this.#leaving ??= this.#leave()
    return this.#leaving
  }

  async #leave(): Promise<void> {
    const until = this.#clock.monotonic() + LEAVE_MS
    // Whether there is a place to give up is known once the server has answered.
    await waitAtMost(this.#clock, this.#inFlight, LEAVE_MS)
    const token = this.#session?.token
    this.#session = undefined
    for (let lost = token !== undefined; lost && this.#clock.monotonic() < until; ) {
      const ms = until - this.#clock.monotonic()
      lost = await this.#rpc.call('leave', {}, { token: token!, ms }).then(() => false, isOutcomeUnknown)
    }
  }

  async #join(resume: OpenRequest['resume'], until: number): Promise<OpenResult> {
    let lostOne = false
    for (let failures = 1; ; failures++) {
      const toTry = Math.max(this.#addresses.count - failures + 1, 1)
      try {
        const welcome = await this.#once(resume?.session, (until - this.#clock.monotonic()) / toTry)
        return resume && welcome.resumed ? { ...welcome, cursor: resume.after } : welcome
      } catch (error) {
        if (this.#closed) throw transportErrors.closed()
        if (!(error instanceof NoResponseError)) {
          const taken = isMidsentenceError(error) && error.code === 'name-taken'
          throw taken && lostOne ? transportErrors.nameTakenAfterLostResponse(this.#joiner.username, error) : error
        }
        const { url } = this.#addresses
        this.#addresses.next()
        lostOne ||= error.outcomeUnknown
        const tries = this.#addresses.count + (error.outcomeUnknown ? EXTRA_ATTEMPTS : 0)
        if (failures >= tries || this.#clock.monotonic() >= until) throw transportErrors.connectFailed(url, error)
      }
    }
  }

  async #once(before: SessionIdentity | undefined, ms: number): Promise<OpenResult> {
    const until = this.#clock.monotonic() + ms
    const { room, username } = this.#joiner
    const secret = this.#joiner.secret === undefined ? {} : { secret: this.#joiner.secret }
    const { credential, person } = this.#joiner
    const shows = { ...secret, ...(credential !== undefined && { credential }), ...(person && { person }) }
    const found = before && (await this.#resume(before, ms))
    const entered = found ?? (await this.#ask('join', { room, username, ...shows }, until - this.#clock.monotonic()))
    const session = { ...entered.session, ...secret }
    this.#session = session
    const resumed = before?.session_id === session.session_id && before.log === session.log
    return { ...entered, session, resumed }
  }

  async #resume({ token }: SessionIdentity, ms: number): Promise<JoinedSession | undefined> {
    try {
      return await this.#ask('resume', {}, ms, token)
    } catch (error) {
      if (isMidsentenceError(error) && error.code === 'session-unknown') return undefined
      throw error
    }
  }

  async #ask(method: string, params: object, ms: number, token?: string): Promise<JoinedSession> {
    const manner = { ms: Math.max(ms, 0), ...(token !== undefined && { token }) }
    const entered = readJoinResult(await this.#rpc.call(method, params, manner))
    if (!entered) throw protocolError(`its answer to ${method} lacks what one needs to come in`)
    return entered
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#inFlight = Promise.allSettled([this.#inFlight, work]).then(() => {})
    return work
  }
}
