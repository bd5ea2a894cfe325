import type { Fact, Message, RoomRecord, SessionRecord } from '@midsentence/core'
import type { SessionFact } from '@midsentence/core/hub'
import fc from 'fast-check'
import { canonical } from '../kit/canonical.ts'
import { texts } from '../kit/texts.ts'

/** What a message carries that may be hurt on its way through a store. */
interface Said {
  readonly content: string
  readonly meta?: Readonly<Record<string, unknown>>
}

/** What a record will tell of; its numbers it gets when it is written. */
export type RecordContent = Said | 'granted' | 'ended'

const content = texts({ maxLength: 6 })
const meta = fc.dictionary(texts({ maxLength: 2 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })

export const recordContents: fc.Arbitrary<RecordContent> = fc.oneof(
  { weight: 6, arbitrary: content.map(content => ({ content })) },
  { weight: 1, arbitrary: fc.record({ content, meta }) },
  { weight: 2, arbitrary: fc.constantFrom('granted' as const, 'ended' as const) },
)

const timestamp = '2026-01-01T00:00:00.000Z'

/** The record of `saying` where it is message `seq` of its room. */
export function roomRecord(saying: RecordContent, seq: number): RoomRecord {
  if (saying === 'granted' || saying === 'ended') return { type: `floor.${saying}`, session: 's-1', name: 'Ada' }
  const message: Message = {
    message_id: `m-${seq}`,
    sender_id: 'Ada',
    content: saying.content,
    timestamp,
    seq,
    base: seq - 1,
    ...(seq % 3 === 0 && { crossed: [seq - 2, seq - 1], crossed_more: 1 }),
    ...(saying.meta && { meta: saying.meta }),
  }
  return { type: 'message', message, session: 's-1', push: seq, key: `key ${seq}` }
}

/** The messages among `records`. */
export const messagesIn = (records: readonly RoomRecord[]): readonly Message[] =>
  records.flatMap(record => (record.type === 'message' ? [record.message] : []))

/** Facts of a participant, in no order that means anything: a journal reads nothing into them. */
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

const persisted = { session_id: 's-1', proof: 'sha256:00', room: 'lobby', sender_id: 'Ada', log: 'log' }

const sessionFacts: fc.Arbitrary<SessionFact> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(content, fc.nat(9)).map(
      ([text, given]): SessionFact => ({
        type: 'acted',
        push: 1,
        drafted: { type: 'appended', text, base: given },
        given,
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<SessionFact[]>(
      {
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
      { type: 'snapshot', session: persisted, opened: 0, push: 1, draft: [], given: 4, kept: [] },
    ),
  },
  { weight: 1, arbitrary: fc.constant<SessionFact>({ type: 'closed' }) },
)

/** Facts of three sessions, now and then a snapshot or the end of one. */
export const sessionRecords: fc.Arbitrary<SessionRecord> = fc.record({
  session_id: fc.constantFrom('s-1', 's-2', 's-3'),
  fact: sessionFacts,
})

/** Are the two the same as JSON? */
export const alike = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other) || canonical(one) === canonical(other)

/** Throws with both where they are not the same as JSON. */
export function mustBeAlike(found: unknown, expected: unknown, what: string): void {
  if (alike(found, expected)) return
  throw new Error(`${what}\nfound:    ${JSON.stringify(found)}\nexpected: ${JSON.stringify(expected)}`)
}
