import type { Fact, Message, RoomRecord, SessionIdentity, SessionRecord } from '@midsentence/core'
import type { IdempotencyRecord, PersistedSession, SessionFact } from '@midsentence/core/hub'

/** One value of each member of a union, by its `type`, with every optional field. A new type or field does not compile. */
type OneOfEach<T extends { readonly type: string }> = {
  readonly [Type in T['type']]: Required<Extract<T, { readonly type: Type }>>
}

const message: Required<Message> = {
  message_id: 'm-7',
  sender_id: 'Ada',
  content: 'one\n\ud800',
  timestamp: '2026-01-01T00:00:00.000Z',
  seq: 7,
  base: 3,
  crossed: [4, 5],
  crossed_more: 2,
  meta: { tags: ['\u2028', null, { deep: 1.5 }] },
  local_ids: true,
}

const identity: Required<SessionIdentity> = {
  session_id: 's-1',
  token: 'a token',
  room: 'lobby',
  sender_id: 'Ada',
  log: 'a log',
  secret: 'a secret',
}

const persisted: Required<PersistedSession> = {
  session_id: 's-1',
  proof: 'sha256:00',
  room: 'lobby',
  sender_id: 'Ada',
  log: 'a log',
  joined_as: 'Ben',
  lapsed: true,
  used_at: 1_790_000_000_000,
  until: 1_800_000_000_000,
  person: true,
  typing_indicator: false,
  head: 9,
}

const kept: Required<IdempotencyRecord> = {
  key: 'a key',
  requestHashes: ['push', 'sha256:01'],
  outcome: { result: { status: 1, seq: 7, nested: { list: [1] } } },
  from: 1,
  to: 7,
  more: true,
  missed: { from: 2, to: 3 },
  renamed: 'Ada-2',
}

const failed: Required<IdempotencyRecord> = {
  ...kept,
  key: 'another key',
  outcome: { error: { code: 'rate-limited', message: 'Too many calls.', data: { retry_after_ms: 5 } } },
}

const appended = { type: 'appended', text: 'x\ud800', base: 3 } as const
const pushed = { type: 'pushed', seq: 7 } as const

const roomRecords: OneOfEach<RoomRecord> = {
  message: { type: 'message', message, session: 's-1', push: 4, key: 'a key', silent: true, read: 2 },
  'floor.granted': { type: 'floor.granted', session: 's-1', name: 'Ada' },
  'floor.ended': { type: 'floor.ended', session: 's-1', name: 'Ada' },
}

const sessionFacts: OneOfEach<SessionFact> = {
  opened: { type: 'opened', session: persisted, cursor: 3 },
  acted: { type: 'acted', push: 4, drafted: appended, given: 6, kept },
  sent: { type: 'sent', push: 4, through: 7, kept: failed },
  snapshot: {
    type: 'snapshot',
    session: persisted,
    opened: 3,
    push: 4,
    draft: [appended, { type: 'undone' }, { type: 'reset' }, pushed],
    given: 6,
    kept: [kept, failed],
  },
  lapsed: { type: 'lapsed', used_at: 1_790_000_000_000 },
  returned: { type: 'returned', sender_id: 'Ada-2' },
  closed: { type: 'closed' },
}

const facts: OneOfEach<Fact> = {
  appended,
  undone: { type: 'undone' },
  reset: { type: 'reset' },
  pushed: {
    type: 'pushed',
    seq: 7,
    message_id: 'm-7',
    timestamp: '2026-01-01T00:00:00.000Z',
    durability: 'flushed',
    crossed: [4, 5],
    crossed_more: 2,
  },
  joined: {
    type: 'joined',
    session: identity,
    cursor: 3,
    head: 9,
    policy: 'annotate',
    resumed: true,
    joined_as: 'ada',
  },
  arrived: { type: 'arrived', message },
  passed: { type: 'passed', from: 1, to: 2 },
  missed: { type: 'missed', from: 3, to: 4 },
  given: { type: 'given', through: 6, earlier: 2 },
  pushing: { type: 'pushing', key: 'a key', base: 3, timeout_ms: 1500, meta: { a: [1] } },
  held: { type: 'held', newest: 6, more: true },
  refused: { type: 'refused', unknown: true },
  left: { type: 'left' },
}

/** Makes a record of each type with every field, where the message has `seq`. A log must read each as it was written. */
export const everyRoomRecord = (seq: number): readonly RoomRecord[] =>
  Object.values(roomRecords).map(record =>
    record.type === 'message' ? { ...record, message: { ...record.message, seq } } : record,
  )

/** A record of each type with every field, each of another session, since a log may forget what a snapshot covers. */
export const everySessionRecord: readonly SessionRecord[] = Object.values(sessionFacts)
  .filter(({ type }) => type !== 'closed')
  .map((fact, nth) => ({ session_id: `s-${nth}`, fact }))

/** A fact of each type with every field. A journal must read each as it was written. */
export const everyFact: readonly Fact[] = Object.values(facts)
