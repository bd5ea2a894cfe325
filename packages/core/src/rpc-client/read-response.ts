import type { Durability, Inbound, SessionIdentity, Verdict } from '../ports/transport.ts'
import type { Floor, Message, Seq } from '../room/message.ts'
import { readMessage } from '../room/read-message.ts'
import type { RoomPolicy } from '../room/settings.ts'

/** The result of join and resume. */
export interface JoinedSession {
  readonly session: SessionIdentity
  readonly cursor: Seq
  readonly head?: Seq
  readonly policy: RoomPolicy
  readonly observable?: true
  readonly recorded?: true
}

/** The first event of a stream. */
export interface StreamOpened {
  readonly type: 'welcome'
  readonly log: string
  readonly cursor: Seq
  /** The name of the session. */
  readonly sender_id?: string
}

/** Reads the result of join or resume; undefined for anything else. */
export function readJoinResult(value: unknown): JoinedSession | undefined {
  const { session_id, token, room, sender_id, log, cursor, head, policy, observable, recorded } = fieldsOf(value)
  if (!isText(session_id) || !isText(token) || !isText(room) || !isText(sender_id) || !isText(log)) return undefined
  if (!isSeq(cursor)) return undefined
  return {
    session: { session_id, token, room, sender_id, log },
    cursor,
    ...(isSeq(head) && { head }),
    policy: policy === 'annotate' ? policy : 'hold',
    ...(observable === true && { observable }),
    ...(recorded === true && { recorded }),
  }
}

/** Reads the result of publish; undefined for anything else. */
export function readVerdict(value: unknown): Verdict | undefined {
  const { status, held, message_id, timestamp, seq, durability, crossed, crossed_more, messages, floor } =
    fieldsOf(value)
  if (status === 1 && isText(message_id) && isText(timestamp) && isSeq(seq)) {
    return {
      sent: true,
      message_id,
      timestamp,
      seq,
      durability: isDurability(durability) ? durability : 'unknown',
      ...(Array.isArray(crossed) && crossed.every(isSeq) && { crossed }),
      ...(isSeq(crossed_more) && { crossed_more }),
    }
  }
  if (status !== 0 || held !== true) return undefined
  const received = (Array.isArray(messages) ? messages : []).map(readMessage)
  // An unreadable message can still arrive by the stream.
  const read = received.filter((message): message is Message => message !== undefined)
  return { sent: false, messages: read, ...(isFloor(floor) && { floor: { name: floor.name, for_ms: floor.for_ms } }) }
}

/** Reads an event of a stream or a notification; undefined if it is unknown. */
export function readEvent(type: string, value: unknown): Inbound | StreamOpened | undefined {
  if (type === 'message') {
    const message = readMessage(value)
    return message && { type, message }
  }
  const { from, to, sender_id, present, writing, log, cursor, on, watchers } = fieldsOf(value)
  if (type === 'missed' && isSeq(from) && isSeq(to)) return { type, from, to }
  if (type === 'presence' && isText(sender_id) && typeof present === 'boolean') {
    return { type, sender_id, present, ...(present && writing === true && { writing }) }
  }
  if (type === 'hush' && typeof on === 'boolean') return { type, on }
  if (type === 'watchers' && isSeq(watchers)) return { type, watchers }
  if (type === 'welcome' && isText(log) && isSeq(cursor))
    return { type, log, cursor, ...(isText(sender_id) && { sender_id }) }
  return undefined
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => Object(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isSeq = (value: unknown): value is Seq => Number.isSafeInteger(value) && (value as number) >= 0
const isDurability = (value: unknown): value is Durability =>
  value === 'memory' || value === 'flushed' || value === 'replicated' || value === 'replicated-flushed'
const isFloor = (value: unknown): value is Floor => {
  const { name, for_ms } = fieldsOf(value)
  return isText(name) && typeof for_ms === 'number'
}
