import { eventsOf } from '../../draft/evolve.ts'
import type { SessionRecord } from '../../ports/session-log.ts'
import type { Seq } from '../../room/message.ts'
import type { SessionState } from '../../session/evolve.ts'
import type { IdempotencyRecord, PersistedSession, SessionFact } from '../../session/facts.ts'

export interface SessionWriterDeps {
  /** Appends to the session log of the room. */
  append(record: SessionRecord): Promise<void>
  session(): PersistedSession
  readonly opened: Seq
  /** How many facts of the session were written since its newest snapshot. */
  readonly written: number
  /** Snapshot interval, in facts. */
  readonly snapshotEvery: number
  state(): SessionState
}

/** Writes the facts of one session, and a snapshot in place of them now and then, so that its log stays short. */
export class SessionWriter {
  readonly #deps: SessionWriterDeps
  #written: number

  constructor(deps: SessionWriterDeps) {
    this.#deps = deps
    this.#written = deps.written
  }

  /** Writes `fact`, which is part of the state already. Resolves once it is as durable as the log promises. */
  append(fact: SessionFact): Promise<void> {
    const { append, session, snapshotEvery, state } = this.#deps
    this.#written++
    if (this.#written < snapshotEvery || this.#written < 2 * state().answers.size)
      return append({ session_id: session().session_id, fact })
    return this.writeSnapshot()
  }

  writeSnapshot(): Promise<void> {
    const { append, session, state } = this.#deps
    this.#written = 0
    return append({ session_id: session().session_id, fact: this.#snapshotOf(state()) })
  }

  #snapshotOf({ cursor, draft, pushes, answers }: SessionState): SessionFact {
    const { session, opened } = this.#deps
    return {
      type: 'snapshot',
      session: session(),
      opened,
      push: pushes + 1,
      draft: eventsOf(draft),
      given: cursor,
      kept: [...answers.values()].filter(record => !isDerivable(record)),
    }
  }
}

/** Tells whether the room log alone gives this record: a push that became a message, crossed nothing and gave nothing else. */
const isDerivable = ({ outcome, from, to, more, missed }: IdempotencyRecord): boolean => {
  if (!('result' in outcome) || from !== to || more || missed) return false
  const { message_id, seq, crossed } = outcome.result
  return message_id !== undefined && crossed === undefined && seq === to
}
