import type { Clock } from '@midsentence/core'
import { waitAtMost } from '@midsentence/core/rpc-client'
import { legacyErrors } from './legacy-errors.ts'
import type { LegacyHttp, LegacyReply } from './legacy-http.ts'

/** The server answers a registration within this, or not at all. Milliseconds. */
export const REGISTER_MS = 4500
const LEAVE_MS = 2000

/** One name on the server: taken up, taken up again where the server forgot it, and given back. */
export class Registration {
  readonly #http: LegacyHttp
  readonly #clock: Clock
  readonly #url: string
  #username = ''
  #held = false
  #closed = false
  #underWay: Promise<unknown> = Promise.resolve()

  constructor(http: LegacyHttp, clock: Clock, url: string) {
    this.#http = http
    this.#clock = clock
    this.#url = url
  }

  /** The name is on the server, as far as is known here, and ours. */
  get isRegistered(): boolean {
    return this.#held
  }

  /** Registers the name, `ours` even if it is taken. Resolves with true where the server did not have it. */
  join(username: string, ours: boolean): Promise<boolean> {
    this.#username = username
    return this.#tracked(this.#enter(ours))
  }

  /** Takes the name up again after the server has forgotten it. Taken means: by us, through the other way round. */
  rejoin(): Promise<void> {
    return this.#tracked(this.#again())
  }

  /** Ends every request under way and gives the name back, as well as that can be done in two seconds. Never fails. */
  async leave(): Promise<void> {
    this.#closed = true
    const until = this.#clock.monotonic() + LEAVE_MS
    // Whether the name is ours to give back is known once the server has answered.
    await waitAtMost(this.#clock, this.#underWay, LEAVE_MS)
    this.#http.abortAll()
    if (this.#held) await this.release(Math.max(until - this.#clock.monotonic(), 0))
  }

  /** Makes the name free. Never fails. */
  async release(ms = LEAVE_MS): Promise<void> {
    this.#held = false
    await this.#http.post('/unregister', { username: this.#username }, ms).catch(() => {})
  }

  /** Leaves the name on the server as it is, for the next attempt. */
  abandon(): void {
    this.#held = false
  }

  async #enter(ours: boolean): Promise<boolean> {
    const reply = await this.#register().catch((cause: unknown) => {
      throw this.#closed ? legacyErrors.closed() : legacyErrors.nobodyThere(this.#url, cause)
    })
    const { status, success } = reply
    if (status === 409 && !ours) throw legacyErrors.nameTaken(this.#username)
    if (status === 400 || status === 422) throw legacyErrors.invalidName(this.#username, reply)
    if (status >= 500) throw legacyErrors.troubled(this.#url, reply)
    if (status !== 409 && !success) throw legacyErrors.otherDialect(this.#url, reply)
    this.#held = true
    return success
  }

  async #again(): Promise<void> {
    if (this.#closed) throw legacyErrors.closed()
    const reply = await this.#register()
    if (!reply.success && reply.status !== 409) throw legacyErrors.troubled(this.#url, reply)
  }

  #register(): Promise<LegacyReply> {
    return this.#http.post('/register', { username: this.#username }, REGISTER_MS)
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#underWay = Promise.allSettled([this.#underWay, work])
    return work
  }
}
