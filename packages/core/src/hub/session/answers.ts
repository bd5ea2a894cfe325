import { type Draft, segmentsOf, textOf } from '../../draft/evolve.ts'
import { suffixOf } from '../../draft/suffix.ts'
import type { AnswerBase } from '../../machine/answers.ts'
import type { Message, Seq, SeqRange } from '../../room/message.ts'
import type { IdempotencyRecord } from '../../session/facts.ts'
import type { MessagePage } from '../room/message-window.ts'

// Objects are made member by member: a spread gives each object its own shape in Node.js 20, which costs more than
// an append.

export type Assignable<T> = { -readonly [K in keyof T]: T[K] }

/** Makes what a page adds to an answer. */
export function answerBaseOf(
  { messages, through, more, missed }: MessagePage,
  renamed: string | undefined,
): Omit<AnswerBase, 'status'> {
  const base: Assignable<Omit<AnswerBase, 'status'>> = { messages, cursor: through }
  if (more) base.more = true
  if (missed) base.missed = missed
  if (renamed !== undefined) base.renamed = renamed
  return base
}

/** Makes an answer of the result of a call and the messages it gives. */
export function answerOf(
  result: Readonly<Record<string, unknown>>,
  messages: readonly Message[],
  cursor: Seq,
  more: boolean | undefined,
  missed: SeqRange | undefined,
  renamed: string | undefined,
): object {
  const answer: Record<string, unknown> = {}
  for (const name in result) answer[name] = result[name]
  answer.messages = messages
  answer.cursor = cursor
  if (more) answer.more = true
  if (missed) answer.missed = missed
  if (renamed !== undefined) answer.renamed = renamed
  return answer
}

/** Makes the record from which a repeated call is answered. */
export function idempotencyRecordOf(
  key: string,
  requestHash: string,
  result: Readonly<Record<string, unknown>>,
  from: Seq,
  to: Seq,
  page: MessagePage | undefined,
  renamed: string | undefined,
): IdempotencyRecord {
  const record: Assignable<IdempotencyRecord> = { key, requestHashes: [requestHash], outcome: { result }, from, to }
  if (page?.more) record.more = true
  if (page?.missed) record.missed = page.missed
  if (renamed !== undefined) record.renamed = renamed
  return record
}

/** Returns what a preview answers besides messages and cursor. */
export const previewOf = (draft: Draft): Readonly<Record<string, unknown>> => ({
  status: 1,
  draft: textOf(draft),
  length: draft.length,
  segments: segmentsOf(draft).map(({ length, base }) => ({ length, base })),
  suffix: suffixOf(draft),
})
