import type { Clock } from '../../ports/clock.ts'
import type { Seq } from '../../room/message.ts'
import { evolvePersisted } from '../../session/evolve.ts'
import type { PersistedSession, SessionFact } from '../../session/facts.ts'
import type { JoinRequest } from '../requests.ts'

export interface PersistedIdentityDeps {
  readonly clock: Clock
  /** The session as its log has it. */
  readonly persisted: PersistedSession
  /** Writes a fact that `persisted` has already. Undefined where the session is not kept. */
  persist(fact: SessionFact): Promise<void> | undefined
  /** Writes a snapshot. Undefined where the session is not kept. */
  writeSnapshot(): Promise<void> | undefined
}

/** What the admission of a join says of its session. */
export interface AdmittedTerms {
  /** When access ends, in milliseconds since 1970. */
  readonly until?: number | undefined
  /** Whether it is a person's. Undefined: as it was, or as the client says. */
  readonly person?: boolean | undefined
}

/** What the log has of a session besides its state: its names, whether it lapsed, and when its access ends. */
export class PersistedIdentity {
  readonly #deps: PersistedIdentityDeps
  persisted: PersistedSession
  /** When access ends, on the monotonic clock. */
  until = Number.POSITIVE_INFINITY

  constructor(deps: PersistedIdentityDeps) {
    this.#deps = deps
    this.persisted = deps.persisted
    this.#setUntil(deps.persisted.until)
  }

  /** Sets what another admission says. Resolves once it is durable. */
  async readmit({ until, person: admitted }: AdmittedTerms): Promise<void> {
    const { until: before, person: was, ...persisted } = this.persisted
    const person = admitted === undefined ? was : admitted || undefined
    if (until === before && person === was) return
    this.persisted = { ...persisted, ...(until !== undefined && { until }), ...(person && { person }) }
    this.#setUntil(until)
    await this.#deps.writeSnapshot()
  }

  /** Records that it lapsed or returned. No caller waits for the log. `onFailure` reports one that fails. */
  changed(fact: Extract<SessionFact, { type: 'lapsed' | 'returned' }>): void {
    this.persisted = evolvePersisted(this.persisted, fact)
    this.#deps.persist(fact)?.catch(() => undefined)
  }

  #setUntil(until = Number.POSITIVE_INFINITY): void {
    const { clock } = this.#deps
    this.until = until - clock.now() + clock.monotonic()
  }
}

/** Returns what a log has of a session that joins. `head`: the newest message then, if reading began earlier. */
export const persistedOf = (
  identity: Pick<PersistedSession, 'session_id' | 'room' | 'sender_id' | 'log' | 'proof'>,
  { until, person: admitted }: AdmittedTerms,
  { person, typing_indicator }: Pick<JoinRequest, 'person' | 'typing_indicator'>,
  head: Seq | undefined,
): PersistedSession => ({
  ...identity,
  ...(until !== undefined && { until }),
  ...((admitted ?? person) && { person: true as const }),
  ...(typing_indicator === false && { typing_indicator: false as const }),
  ...(head !== undefined && { head }),
})
