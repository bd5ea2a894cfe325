import type { RoomRecord } from '../ports/room-log.ts'
import type { SessionLog } from '../ports/session-log.ts'
import type { Durability, Session } from '../ports/transport.ts'
import type { Seq } from '../room/message.ts'
import { evolveSession, newSession, type SessionState } from './evolve.ts'
import { printOf } from './print.ts'
import type { Kept, SessionFact } from './session-facts.ts'
import { receiptOf } from './speaker.ts'

/** A session as its log has it, before what follows from the room's log is known. */
export interface Recovered {
  readonly session: Session
  readonly secret: string | undefined
  /** Where its reading began. */
  readonly opened: Seq
  /** The facts of the session log, behind `opened`. */
  readonly facts: readonly SessionFact[]
}

/** Reads every session that is still open, by room. Those of another room log are left out: sessions die with their log. */
export async function recover(sessions: SessionLog, log: string): Promise<Map<string, Recovered[]>> {
  const found = new Map<string, Recovered & { readonly facts: SessionFact[] }>()
  for await (const { session_id, fact } of sessions.read()) {
    if (fact.type === 'closed') found.delete(session_id)
    else if (fact.type !== 'opened') found.get(session_id)?.facts.push(fact)
    else if (fact.session.log === log) {
      const { session, secret, cursor: opened } = fact
      found.set(session_id, { session, secret, opened, facts: [] })
    }
  }
  const rooms = new Map<string, Recovered[]>()
  for (const recovered of found.values()) {
    const { room } = recovered.session
    rooms.set(room, [...(rooms.get(room) ?? []), recovered])
  }
  return rooms
}

/** What a room's log says of the sessions that pushed there. */
export class PushesOf {
  readonly #durability: Durability
  readonly #sent = new Map<string, SessionFact[]>()

  constructor(durability: Durability) {
    this.#durability = durability
  }

  heard(record: RoomRecord): void {
    if (record.type !== 'message') return
    const { session, push, key, message } = record
    const { base = message.seq - 1, seq, content, meta = null } = message
    const result = receiptOf(message, this.#durability)
    const prints = [printOf('publish', content, meta), printOf('push', meta)]
    const kept: Kept | undefined = key === '' ? undefined : { key, prints, outcome: { result }, from: base, to: seq }
    const facts = this.#sent.get(session) ?? []
    this.#sent.set(session, facts)
    facts.push({ type: 'sent', push, base, ...(kept && { kept }) })
  }

  /** The session as it was: what went out first, so that what was written for it counts no more. */
  stateOf({ session, opened, facts }: Recovered): SessionState {
    const sent = this.#sent.get(session.session_id) ?? []
    return [...sent, ...facts].reduce(evolveSession, newSession(opened))
  }
}
