import { eventsOf } from '../../draft/evolve.ts'
import type { SessionLog } from '../../ports/session-log.ts'
import type { Seq } from '../../room/message.ts'
import type { SessionState } from '../../session/evolve.ts'
import type { IdempotencyRecord, PersistedSession, SessionFact } from '../../session/facts.ts'

export interface SessionWriterDeps {
  readonly log: SessionLog
  /** How it is kept. */
  session(): PersistedSession
  readonly opened: Seq
  readonly secret: string | undefined
  /** How many facts its log has of it. */
  readonly written: number
  /** So many facts are written before all that they came to is written in their place. */
  readonly facts: number
  state(): SessionState
  /** Is told why nothing was written, and throws what is told to those who wait for it. */
  failed(cause: unknown): never
}

/** Writes a session down, fact by fact; now and then all that they came to, so that its log does not grow for ever. */
export class SessionWriter {
  readonly #deps: SessionWriterDeps
  #written: number

  constructor(parts: SessionWriterDeps) {
    this.#deps = parts
    this.#written = parts.written
  }

  /** Resolves once `fact`, which is part of the state by now, is as durable as the log promises. */
  append(fact: SessionFact): Promise<void> {
    const { log, session, facts, state, failed } = this.#deps
    const { session_id } = session()
    this.#written++
    if (this.#written < facts || this.#written < 2 * state().answers.size)
      return log.append([{ session_id, fact }]).catch(failed)
    return this.writeSnapshot()
  }

  /** Writes all that it came to. */
  writeSnapshot(): Promise<void> {
    const { log, session, state, failed } = this.#deps
    this.#written = 0
    return log.append([{ session_id: session().session_id, fact: this.#snapshotFact(state()) }]).catch(failed)
  }

  #snapshotFact({ cursor, draft, pushes, answers }: SessionState): SessionFact {
    const { session, opened, secret } = this.#deps
    return {
      type: 'stands',
      session: session(),
      opened,
      ...(secret !== undefined && { secret }),
      push: pushes + 1,
      draft: eventsOf(draft),
      given: cursor,
      kept: [...answers.values()].filter(kept => !isDerivable(kept)),
    }
  }
}

/** What became a message, crossed nothing and gave nothing beside, follows from the room's log. */
const isDerivable = ({ outcome, from, to, more, missed }: IdempotencyRecord): boolean => {
  if (!('result' in outcome) || from !== to || more || missed) return false
  const { message_id, seq, crossed } = outcome.result
  return message_id !== undefined && crossed === undefined && seq === to
}
