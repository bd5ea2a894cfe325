import type { Clock, MidsentenceError } from '@midsentence/core'
import { waitAtMost } from '@midsentence/core/rpc-client'
import { legacyErrors } from './legacy-errors.ts'
import type { LegacyHttp, LegacyReply } from './legacy-http.ts'

/** Timeout of a registration, in milliseconds. */
export const REGISTER_MS = 4500
const LEAVE_MS = 2000

/** Registers a name on the server, registers it again if the server forgot it, and unregisters it. */
export class Registration {
  readonly #http: LegacyHttp
  readonly #clock: Clock
  readonly #url: string
  readonly #notMidsentence: boolean
  #username = ''
  #isRegistered = false
  #closed = false
  #inFlight: Promise<unknown> = Promise.resolve()

  /** `notMidsentence`: the server at `url` was asked before, and is no midsentence server. */
  constructor(http: LegacyHttp, clock: Clock, url: string, notMidsentence: boolean) {
    this.#http = http
    this.#clock = clock
    this.#url = url
    this.#notMidsentence = notMidsentence
  }

  /** True while the name is registered for this transport, as far as known. */
  get isRegistered(): boolean {
    return this.#isRegistered
  }

  /** Registers the name. `ours`: accept that it is taken. Resolves with true if the server did not have it. */
  join(username: string, ours: boolean): Promise<boolean> {
    this.#username = username
    return this.#tracked(this.#join(ours))
  }

  /** Registers again after the server forgot the name. Taken then means: by a parallel attempt of this transport. */
  rejoin(): Promise<void> {
    return this.#tracked(this.#rejoin())
  }

  /** Aborts every request and unregisters the name, within two seconds. Never rejects. */
  async leave(): Promise<void> {
    this.#closed = true
    const until = this.#clock.monotonic() + LEAVE_MS
    // Only the answer to a pending registration tells whether there is a name to release.
    await waitAtMost(this.#clock, this.#inFlight, LEAVE_MS)
    this.#http.abortAll()
    if (this.#isRegistered) await this.release(Math.max(until - this.#clock.monotonic(), 0))
  }

  /** Unregisters the name. Never rejects. */
  async release(ms = LEAVE_MS): Promise<void> {
    this.#isRegistered = false
    await this.#http.post('/unregister', { username: this.#username }, ms).catch(() => {})
  }

  /** Leaves the name registered, for the next attempt. */
  abandon(): void {
    this.#isRegistered = false
  }

  async #join(ours: boolean): Promise<boolean> {
    const reply = await this.#register().catch((cause: unknown) => {
      throw this.#closed ? legacyErrors.closed() : legacyErrors.noServer(this.#url, cause)
    })
    const { status, success } = reply
    if (status === 409 && !ours) throw legacyErrors.nameTaken(this.#username)
    if (status === 400 || status === 422) throw legacyErrors.invalidName(this.#username, reply)
    if (status >= 500) throw legacyErrors.troubled(this.#url, reply)
    if (status !== 409 && !success) throw this.#otherServer(reply)
    this.#isRegistered = true
    return success
  }

  #otherServer(reply: LegacyReply): MidsentenceError {
    if (reply.redirectTo !== undefined) return legacyErrors.redirected(this.#url, reply.redirectTo)
    return this.#notMidsentence
      ? legacyErrors.neitherDialect(this.#url, reply)
      : legacyErrors.otherDialect(this.#url, reply)
  }

  async #rejoin(): Promise<void> {
    if (this.#closed) throw legacyErrors.closed()
    const reply = await this.#register()
    if (!reply.success && reply.status !== 409) throw legacyErrors.troubled(this.#url, reply)
  }

  #register(): Promise<LegacyReply> {
    return this.#http.post('/register', { username: this.#username }, REGISTER_MS)
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#inFlight = Promise.allSettled([this.#inFlight, work])
    return work
  }
}
