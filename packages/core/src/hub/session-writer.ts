import { wholeDraft } from '../draft/evolve.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { Seq } from '../room/message.ts'
import type { SessionState } from './evolve.ts'
import type { Kept, KeptSession, SessionFact } from './session-facts.ts'

export interface SessionWriterParts {
  readonly log: SessionLog
  /** How it is kept. */
  session(): KeptSession
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
  readonly #parts: SessionWriterParts
  #written: number

  constructor(parts: SessionWriterParts) {
    this.#parts = parts
    this.#written = parts.written
  }

  /** Resolves once `fact`, which is part of the state by now, is as durable as the log promises. */
  keep(fact: SessionFact): Promise<void> {
    const { log, session, facts, state, failed } = this.#parts
    const { session_id } = session()
    this.#written++
    if (this.#written < facts || this.#written < 2 * state().answers.size)
      return log.append([{ session_id, fact }]).catch(failed)
    return this.stand()
  }

  /** Writes all that it came to. */
  stand(): Promise<void> {
    const { log, session, state, failed } = this.#parts
    this.#written = 0
    return log.append([{ session_id: session().session_id, fact: this.#stands(state()) }]).catch(failed)
  }

  #stands({ cursor, draft, pushes, answers }: SessionState): SessionFact {
    const { session, opened, secret } = this.#parts
    return {
      type: 'stands',
      session: session(),
      opened,
      ...(secret !== undefined && { secret }),
      push: pushes + 1,
      draft: wholeDraft(draft),
      given: cursor,
      kept: [...answers.values()].filter(kept => !follows(kept)),
    }
  }
}

/** What became a message, crossed nothing and gave nothing beside, follows from the room's log. */
const follows = ({ outcome, from, to, more, missed }: Kept): boolean => {
  if (!('result' in outcome) || from !== to || more || missed) return false
  const { message_id, seq, crossed } = outcome.result
  return message_id !== undefined && crossed === undefined && seq === to
}
