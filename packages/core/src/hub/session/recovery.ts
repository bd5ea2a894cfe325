import type { Position } from '../../ports/room-log.ts'
import type { SessionLog } from '../../ports/session-log.ts'
import type { Durability } from '../../ports/transport.ts'
import { throughOf } from '../../room/crossed.ts'
import type { Message, Seq } from '../../room/message.ts'
import { evolveSession, newSession, type SessionState } from '../../session/evolve.ts'
import type { IdempotencyRecord, PersistedSession, SessionFact } from '../../session/facts.ts'
import type { Room } from '../room/room.ts'
import type { PublishedKey } from '../room/room-index.ts'
import { receiptFor } from './publisher.ts'
import { requestHash } from './request-hash.ts'

/** A session as its log has it, before the room's log is taken into account. */
export interface RecoveredSession {
  readonly session: PersistedSession
  readonly secret: string | undefined
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
  for await (const { session_id, fact } of sessionLog.read(room)) {
    if (fact.type === 'closed') found.delete(session_id)
    else if (fact.type === 'acted' || fact.type === 'sent') found.get(session_id)?.facts.push(fact)
    else if (fact.session.log === log) {
      const { session, secret } = fact
      const opened = fact.type === 'snapshot' ? fact.opened : fact.cursor
      found.set(session_id, { session, secret, opened, facts: fact.type === 'snapshot' ? [fact] : [] })
    }
  }
  return { sessions: [...found.values()], position }
}

/** How many messages are read from the log at once. */
const READ_MESSAGES = 200

/** Restores the state of each session: first the pushes in the room log, since they empty the drafts that were sent. */
export async function restoreStates(
  sessions: readonly RecoveredSession[],
  room: Room,
  durability: Durability,
): Promise<Map<RecoveredSession, SessionState>> {
  const messages = await messagesByKey(sessions, room)
  const states = new Map<RecoveredSession, SessionState>()
  for (const recovered of sessions) {
    const { session, opened, facts } = recovered
    const sent = room.index.pushesOf(session.session_id)
    const pushed: SessionFact[] = sent ? [{ type: 'sent', push: sent.push, through: sent.through }] : []
    const state = [...pushed, ...facts].reduce(evolveSession, newSession(opened))
    // Add these to the remembered answers, beyond their number: the order is not known, and the newest must stay.
    for (const [key, published] of sent?.keys ?? []) {
      const message = messages.get(published.seq)
      // Retention may have dropped the message: then its call cannot be answered again.
      if (message && !state.answers.has(key)) state.answers.set(key, recordOfPush(message, key, published, durability))
    }
    states.set(recovered, state)
  }
  return states
}

/** Reads the messages that were sent under the keys of `sessions`. */
async function messagesByKey(sessions: readonly RecoveredSession[], room: Room): Promise<Map<Seq, Message>> {
  const published = sessions.flatMap(({ session }) => [
    ...(room.index.pushesOf(session.session_id)?.keys.values() ?? []),
  ])
  const found = new Map<Seq, Message>()
  let through = 0
  for (const { seq } of published.sort((a, b) => a.seq - b.seq)) {
    if (seq <= through) continue
    const { messages } = await room.reader.read(seq - 1, READ_MESSAGES)
    for (const message of messages) found.set(message.seq, message)
    through = messages.at(-1)?.seq ?? seq
  }
  return found
}

/** Makes the record of a push from the room log. Without a record in the session log, the room log tells everything. */
function recordOfPush(
  message: Message,
  key: string,
  { push, read }: PublishedKey,
  durability: Durability,
): IdempotencyRecord {
  const { content, meta = null } = message
  const to = read === undefined ? throughOf(message) : message.seq
  const hash = push === 0 ? requestHash('publish', content, meta) : requestHash('push', meta)
  return { key, requestHashes: [hash], outcome: { result: receiptFor(message, durability) }, from: read ?? to, to }
}
