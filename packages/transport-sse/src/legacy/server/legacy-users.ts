import { isMidsentenceError, MidsentenceError, type Seq } from '@midsentence/core'
import type { Hub, HubSession } from '@midsentence/core/hub'

/** A name that was registered here. */
export interface LegacyUser {
  readonly name: string
  readonly session: HubSession
  /** Up to here messages went out on a stream of it. */
  deliveredSeq: Seq
  /** Who is here, as its streams have said. */
  readonly announced: Set<string>
}

/** The one room of the dialect. */
const ROOM = 'lobby'

/** Below this nobody looks for names that their session has outlived. */
const FEW = 64

/** Everybody who came in by the dialect; it speaks and hears for nobody else. */
export class LegacyUsers {
  readonly #hub: Hub
  readonly #guests = new Map<string, LegacyUser>()
  #closed = false
  #many = FEW

  constructor(hub: Hub) {
    this.#hub = hub
  }

  get closed(): boolean {
    return this.#closed
  }

  find(name: string): LegacyUser | undefined {
    return this.#guests.get(name)
  }

  /** Rejects as `join` of the hub does. */
  async register(name: string): Promise<void> {
    if (name.normalize('NFKC') !== name) {
      // The room would show another name, and old clients know their own messages by their name.
      throw new MidsentenceError('name-taken', 'This name can be written in more than one way: choose another.')
    }
    const session = await this.#hub.join({ room: ROOM, username: name, legacy: true })
    const known = new Set(session.who().participants.map(({ sender_id }) => sender_id))
    // One's own coming is told, too.
    known.delete(session.joinResult.sender_id)
    this.#guests.set(name, { name, session, deliveredSeq: session.joinResult.cursor, announced: known })
    if (this.#guests.size >= this.#many) this.#tidy()
    if (this.#closed) await this.unregister(name)
  }

  /** Idempotent; names of others stay as they are. */
  async unregister(name: string): Promise<void> {
    const guest = this.#guests.get(name)
    this.#guests.delete(name)
    await guest?.session.leave()
  }

  /** Its session is over. */
  remove(guest: LegacyUser): void {
    if (this.#guests.get(guest.name) === guest) this.#guests.delete(guest.name)
  }

  /** Takes everybody out of the room. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#guests.keys()].map(name => this.unregister(name)))
  }

  #tidy(): void {
    for (const guest of this.#guests.values()) if (!this.#lives(guest)) this.remove(guest)
    this.#many = Math.max(FEW, 2 * this.#guests.size)
  }

  #lives({ session }: LegacyUser): boolean {
    try {
      this.#hub.enter(session.joinResult.token)
      return true
    } catch (error) {
      return !isMidsentenceError(error) || error.code !== 'session-unknown'
    }
  }
}
