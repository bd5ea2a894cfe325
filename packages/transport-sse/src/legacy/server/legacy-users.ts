import { isMidsentenceError, MidsentenceError, type Seq } from '@midsentence/core'
import type { Hub, HubSession, WhoResult } from '@midsentence/core/hub'

/** A user that registered by the legacy protocol. */
export interface LegacyUser {
  readonly name: string
  readonly session: HubSession
  /** The last seq delivered on a stream of this user. */
  deliveredSeq: Seq
  /** Participants that its streams have announced as present. */
  readonly announced: Set<string>
}

/** The only room of the protocol. */
const ROOM = 'lobby'

/** Number of users from which expired sessions are removed. */
const CLEANUP_AT = 64

/** The users of the legacy protocol. Participants that joined otherwise are not among them. */
export class LegacyUsers {
  readonly #hub: Hub
  readonly #users = new Map<string, LegacyUser>()
  #closed = false
  #cleanupAt = CLEANUP_AT

  constructor(hub: Hub) {
    this.#hub = hub
  }

  get closed(): boolean {
    return this.#closed
  }

  find(name: string): LegacyUser | undefined {
    return this.#users.get(name)
  }

  /** Rejects as `join` of the hub does. */
  async register(name: string): Promise<void> {
    if (name.normalize('NFKC') !== name) {
      // The room would normalise the name, and old clients recognise their own messages by it.
      throw new MidsentenceError('name-taken', 'This name has more than one spelling in Unicode: choose another.')
    }
    const session = await this.#hub.join({ room: ROOM, username: name, legacy: true })
    const known = participantsOf(session)
    // The user's own join is announced, too.
    known.delete(session.joinResult.sender_id)
    this.#users.set(name, { name, session, deliveredSeq: session.joinResult.cursor, announced: known })
    if (this.#users.size >= this.#cleanupAt) this.#removeExpired()
    if (this.#closed) await this.unregister(name)
  }

  /** Leaves the room and frees the name. Ignores names that did not register here. Idempotent. */
  async unregister(name: string): Promise<void> {
    const user = this.#users.get(name)
    this.#users.delete(name)
    await user?.session.leave()
  }

  /** Removes a user whose session is over. */
  remove(user: LegacyUser): void {
    if (this.#users.get(user.name) === user) this.#users.delete(user.name)
  }

  /** Unregisters every user. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#users.keys()].map(name => this.unregister(name)))
  }

  #removeExpired(): void {
    for (const user of this.#users.values()) if (!this.#isAlive(user)) this.remove(user)
    this.#cleanupAt = Math.max(CLEANUP_AT, 2 * this.#users.size)
  }

  #isAlive({ session }: LegacyUser): boolean {
    try {
      this.#hub.enter(session.joinResult.token)
      return true
    } catch (error) {
      return !isMidsentenceError(error) || error.code !== 'session-unknown'
    }
  }
}

/** All participants, including those whose connection is down. Legacy names live in this process, whose hub answers at once. */
export const participantsOf = (session: HubSession): Set<string> =>
  new Set((session.who() as WhoResult).participants.map(({ sender_id }) => sender_id))
