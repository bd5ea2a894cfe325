import { equalHashes, hashSecret, readToken } from '../access/tokens.ts'
import type { Session } from '../session/session.ts'

/** Finds a session in memory by its token. */
export class SessionIndex {
  readonly #byId = new Map<string, Session>()
  /** Right tokens that were used already: hashing costs as much as half a call. At most one a session. */
  readonly #byToken = new Map<string, Session>()
  /** Those that have lapsed, in that order. */
  readonly #lapsed = new Set<Session>()

  get size(): number {
    return this.#byId.size
  }

  /** The number of sessions that have lapsed. */
  get lapsed(): number {
    return this.#lapsed.size
  }

  /** The session that lapsed first. */
  get firstLapsed(): Session | undefined {
    return this.#lapsed.values().next().value
  }

  find(token: string): Session | undefined {
    const known = this.#byToken.get(token)
    if (known) return known
    const { session_id, proof } = readToken(token)
    const session = this.#byId.get(session_id)
    if (!session || !equalHashes(session.persisted.proof, hashSecret(proof))) return undefined
    this.remember(session, token)
    return session
  }

  /** Tells whether the session that `token` names is here, with any proof. */
  names(token: string): boolean {
    return this.#byToken.has(token) || this.#byId.has(readToken(token).session_id)
  }

  add(session: Session): void {
    this.#byId.set(session.joinResult.session_id, session)
    this.lapseChanged(session)
  }

  /** Call when a session has lapsed or came back. */
  lapseChanged(session: Session): void {
    if (session.lapsed) this.#lapsed.add(session)
    else this.#lapsed.delete(session)
  }

  /** Records the token of a session. */
  remember(session: Session, token: string): void {
    session.connectWith(token)
    this.#byToken.set(token, session)
  }

  /** Removes a session that ends. A token that was used finds it until `forget`. Returns false if it was not there. */
  end(session: Session): boolean {
    this.#lapsed.delete(session)
    return this.#byId.delete(session.joinResult.session_id)
  }

  /** Forgets the token of a session. */
  forget(session: Session): void {
    this.#byToken.delete(session.joinResult.token)
  }
}
