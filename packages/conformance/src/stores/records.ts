import type { Fact, Message, RoomRecord, SessionRecord } from '@midsentence/core'
import fc from 'fast-check'
import { texts } from '../kit/texts.ts'

/** The parts of a message that a store may damage. */
interface MessageContent {
  readonly content: string
  readonly meta?: Readonly<Record<string, unknown>>
}

/** The content of a record. Its numbers are set when it is written. */
export type RecordContent = MessageContent | 'granted' | 'ended'

const content = texts({ maxLength: 6 })
const meta = fc.dictionary(texts({ maxLength: 2 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })

export const recordContents: fc.Arbitrary<RecordContent> = fc.oneof(
  { weight: 6, arbitrary: content.map(content => ({ content })) },
  { weight: 1, arbitrary: fc.record({ content, meta }) },
  { weight: 2, arbitrary: fc.constantFrom('granted' as const, 'ended' as const) },
)

const timestamp = '2026-01-01T00:00:00.000Z'

/** Makes a record. A message gets `seq`. */
export function roomRecord(content_: RecordContent, seq: number): RoomRecord {
  if (content_ === 'granted' || content_ === 'ended') return { type: `floor.${content_}`, session: 's-1', name: 'Ada' }
  const message: Message = {
    message_id: `m-${seq}`,
    sender_id: 'Ada',
    content: content_.content,
    timestamp,
    seq,
    base: seq - 1,
    ...(seq % 3 === 0 && { crossed: [seq - 2, seq - 1], crossed_more: 1 }),
    ...(content_.meta && { meta: content_.meta }),
  }
  return { type: 'message', message, session: 's-1', push: seq, key: `key ${seq}` }
}

/** Returns the messages in `records`. */
export const messagesIn = (records: readonly RoomRecord[]): readonly Message[] =>
  records.flatMap(record => (record.type === 'message' ? [record.message] : []))

/** Facts of a participant in arbitrary order: a journal does not interpret them. */
export const facts: fc.Arbitrary<Fact> = fc.oneof(
  { weight: 5, arbitrary: content.map((text): Fact => ({ type: 'appended', text, base: 3 })) },
  { weight: 1, arbitrary: fc.constantFrom<Fact[]>({ type: 'undone' }, { type: 'reset' }, { type: 'left' }) },
  { weight: 1, arbitrary: meta.map((meta): Fact => ({ type: 'pushing', key: 'key', base: 3, meta })) },
  {
    weight: 1,
    arbitrary: content.map(
      (content): Fact => ({
        type: 'arrived',
        message: { message_id: 'm-4', sender_id: 'Ben', content, timestamp, seq: 4 },
      }),
    ),
  },
)

const session_id = fc.constantFrom('s-1', 's-2', 's-3')

/** Records of sessions, some of which end. */
export const sessionRecords: fc.Arbitrary<SessionRecord> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(session_id, content, fc.nat(9)).map(
      ([session_id, text, given]): SessionRecord => ({
        session_id,
        fact: { type: 'acted', push: 1, drafted: { type: 'appended', text, base: given }, given },
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: session_id.map(
      (session_id): SessionRecord => ({
        session_id,
        fact: {
          type: 'acted',
          push: 1,
          kept: {
            key: 'key',
            requestHashes: ['undo'],
            outcome: { error: { code: 'no-draft', message: 'Nothing is written yet.', data: {} } },
            from: 1,
            to: 2,
          },
        },
      }),
    ),
  },
  { weight: 1, arbitrary: session_id.map((session_id): SessionRecord => ({ session_id, fact: { type: 'closed' } })) },
)

/** Returns JSON that does not depend on the order of members. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

/** Returns whether two values have the same JSON. */
export const alike = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other) || canonical(one) === canonical(other)

/** Throws if two values differ as JSON. */
export function mustBeAlike(found: unknown, expected: unknown, what: string): void {
  if (alike(found, expected)) return
  throw new Error(`${what}\nfound:    ${JSON.stringify(found)}\nexpected: ${JSON.stringify(expected)}`)
}
