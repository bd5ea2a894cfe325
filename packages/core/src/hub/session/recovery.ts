import type { Position } from '../../ports/room-log.ts'
import type { SessionLog } from '../../ports/session-log.ts'
import type { Durability } from '../../ports/transport.ts'
import { type Crossed, throughOf } from '../../room/crossed.ts'
import type { Seq } from '../../room/message.ts'
import { evolvePersisted, evolveSession, newSession, type SessionState } from '../../session/evolve.ts'
import type { IdempotencyRecord, PersistedSession, SessionFact } from '../../session/facts.ts'
import type { Room } from '../room/room.ts'
import type { PublishedKey } from '../room/room-index.ts'
import { receiptFor } from './publisher.ts'

/** A session as its log has it, before the room's log is taken into account. */
export interface RecoveredSession {
  readonly session: PersistedSession
  /** Where its reading began. */
  readonly opened: Seq
  /** The facts since `opened`, or the newest snapshot and those after it. */
  readonly facts: readonly SessionFact[]
}

export interface LoadedSessions {
  readonly sessions: readonly RecoveredSession[]
  /** Head of the room's session log, for the next append. */
  readonly position: Position
}

/** Reads the open sessions of one room. Leaves out those of another room log: sessions end with their log. */
export async function loadSessions(sessionLog: SessionLog, room: string, log: string): Promise<LoadedSessions> {
  const position = await sessionLog.head(room)
  const found = new Map<string, RecoveredSession & { readonly facts: SessionFact[] }>()
  const closed = new Set<string>()
  for await (const { session_id, fact } of sessionLog.read(room)) {
    if (closed.has(session_id)) continue
    if (fact.type === 'closed') {
      found.delete(session_id)
      closed.add(session_id)
    } else if (fact.type === 'acted' || fact.type === 'sent') found.get(session_id)?.facts.push(fact)
    else if (fact.type === 'lapsed' || fact.type === 'returned') {
      const before = found.get(session_id)
      if (before) found.set(session_id, { ...before, session: evolvePersisted(before.session, fact) })
    } else if (fact.session.log === log) {
      const { session } = fact
      const opened = fact.type === 'snapshot' ? fact.opened : fact.cursor
      found.set(session_id, { session, opened, facts: fact.type === 'snapshot' ? [fact] : [] })
    }
  }
  return { sessions: [...found.values()], position }
}

/** Restores the state of each session: first the pushes in the room log, since they empty the drafts that were sent. */
export function restoreStates(
  sessions: readonly RecoveredSession[],
  room: Room,
  durability: Durability,
): Map<RecoveredSession, SessionState> {
  const states = new Map<RecoveredSession, SessionState>()
  for (const recovered of sessions) {
    const { session, opened, facts } = recovered
    const sent = room.index.pushesOf(session.session_id)
    const pushed: SessionFact[] = sent ? [{ type: 'sent', push: sent.push, through: sent.through }] : []
    const state = [...pushed, ...facts].reduce(evolveSession, newSession(opened))
    // Add these to the remembered answers, beyond their number: the order is not known, and the newest must stay.
    for (const [key, published] of sent?.keys ?? []) {
      if (state.answers.has(key)) continue
      const crossed = room.window.crossed(session.session_id, published.base, published.seq)
      state.answers.set(key, recordOfPush(key, { ...published, ...crossed }, durability))
    }
    states.set(recovered, state)
  }
  return states
}

/** Makes the record of a push from the room log. Without a record in the session log, the room log tells everything. */
function recordOfPush(key: string, published: PublishedKey & Crossed, durability: Durability): IdempotencyRecord {
  const { hash, read, seq } = published
  const to = read === undefined ? throughOf(published) : seq
  return { key, requestHashes: [hash], outcome: { result: receiptFor(published, durability) }, from: read ?? to, to }
}
