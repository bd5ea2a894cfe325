import { proofOf } from './proof.ts'
import type { Seat } from './seat.ts'

/** Which seat a token belongs to. */
export class Tokens {
  /** How much of a wrong token was right cannot be told from how long it takes to look for its proof. */
  readonly #proofs = new Map<string, Seat>()
  /** Tokens that came and were right: a proof costs as much as half a call. */
  readonly #known = new Map<string, Seat>()

  find(token: string): Seat | undefined {
    const known = this.#known.get(token)
    if (known) return known
    const seat = this.#proofs.get(proofOf(token))
    if (seat) this.came(seat, token)
    return seat
  }

  add(seat: Seat): void {
    this.#proofs.set(seat.kept.token, seat)
  }

  /** `token` is that of `seat`. */
  came(seat: Seat, token: string): void {
    seat.comesBy(token)
    this.#known.set(token, seat)
  }

  /** False where it was not there. */
  delete(seat: Seat): boolean {
    this.#known.delete(seat.entrance.token)
    return this.#proofs.delete(seat.kept.token)
  }

  seats(): Iterable<Seat> {
    return this.#proofs.values()
  }
}
