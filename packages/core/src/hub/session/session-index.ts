import { hashToken } from '../access/token-hash.ts'
import type { Session } from './session.ts'

/** Finds a session by its token's hash. */
export class SessionIndex {
  /** A lookup by hash takes as long for every wrong token, so its time tells nothing about the right one. */
  readonly #byHash = new Map<string, Session>()
  /** Right tokens that were used already: hashing costs as much as half a call. */
  readonly #byToken = new Map<string, Session>()

  find(token: string): Session | undefined {
    const cached = this.#byToken.get(token)
    if (cached) return cached
    const session = this.#byHash.get(hashToken(token))
    if (session) this.remember(session, token)
    return session
  }

  add(session: Session): void {
    this.#byHash.set(session.persisted.token, session)
  }

  /** Records the token of a session. */
  remember(session: Session, token: string): void {
    session.connectWith(token)
    this.#byToken.set(token, session)
  }

  /** Returns false if it was not there. */
  delete(session: Session): boolean {
    this.#byToken.delete(session.joinResult.token)
    return this.#byHash.delete(session.persisted.token)
  }

  sessions(): Iterable<Session> {
    return this.#byHash.values()
  }
}
