import { hashToken } from '../access/token-hash.ts'
import type { Session } from './session.ts'

/** Which seat a token belongs to. */
export class SessionIndex {
  /** How much of a wrong token was right cannot be told from how long it takes to look for its proof. */
  readonly #byHash = new Map<string, Session>()
  /** Tokens that came and were right: a proof costs as much as half a call. */
  readonly #byToken = new Map<string, Session>()

  find(token: string): Session | undefined {
    const known = this.#byToken.get(token)
    if (known) return known
    const seat = this.#byHash.get(hashToken(token))
    if (seat) this.remember(seat, token)
    return seat
  }

  add(seat: Session): void {
    this.#byHash.set(seat.persisted.token, seat)
  }

  /** `token` is that of `seat`. */
  remember(seat: Session, token: string): void {
    seat.connectWith(token)
    this.#byToken.set(token, seat)
  }

  /** False where it was not there. */
  delete(seat: Session): boolean {
    this.#byToken.delete(seat.joinResult.token)
    return this.#byHash.delete(seat.persisted.token)
  }

  sessions(): Iterable<Session> {
    return this.#byHash.values()
  }
}
