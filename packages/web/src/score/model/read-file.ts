import type { ScoreRecord } from '@midsentence/core'

/** Largest file that is read, in bytes. */
const MAX_BYTES = 256 * 2 ** 20

const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
const isSegments = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every(each => isObject(each) && each.type === 'appended' && isText(each.text) && isNumber(each.base))
const isParticipant = (value: unknown): boolean =>
  isObject(value) && isText(value.sender_id) && isNumber(value.given) && isSegments(value.draft)
const isMessage = (value: unknown): boolean =>
  isObject(value) &&
  isText(value.sender_id) &&
  isText(value.content) &&
  isNumber(value.seq) &&
  (value.crossed === undefined || (Array.isArray(value.crossed) && value.crossed.every(isNumber)))

type Check = (record: Readonly<Record<string, unknown>>) => boolean
const named: Check = ({ sender_id }) => isText(sender_id)
const namedWithSeq: Check = record => named(record) && isNumber(record.seq)

/** What each type of record must have. A record of another type is skipped: it may be of a newer version. */
const checks: Readonly<Record<ScoreRecord['type'], Check>> = {
  joined: named,
  left: named,
  undone: named,
  reset: named,
  appended: record => named(record) && isText(record.text) && isNumber(record.base),
  pushed: namedWithSeq,
  held: namedWithSeq,
  given: namedWithSeq,
  draft: record => named(record) && isSegments(record.draft),
  'floor.granted': named,
  'floor.ended': named,
  message: ({ seq, message }) => isNumber(seq) && (message === undefined || isMessage(message)),
  gap: ({ lost }) => lost === undefined || isNumber(lost),
  state: ({ participants, floor }) =>
    Array.isArray(participants) && participants.every(isParticipant) && (floor === undefined || isText(floor)),
  stopped: () => true,
}

/** Returns whether `value` is a record that a fold accepts. */
export const isScoreRecord = (value: unknown): value is ScoreRecord =>
  isObject(value) &&
  isNumber(value.position) &&
  isNumber(value.head) &&
  isText(value.at) &&
  !Number.isNaN(Date.parse(value.at)) &&
  isText(value.type) &&
  Object.hasOwn(checks, value.type) &&
  checks[value.type as ScoreRecord['type']](value)

/** Reads the lines of a recording. Throws a `TypeError` that names the first line that is no JSON, or if no line is a record. */
export function parseScore(text: string): readonly ScoreRecord[] {
  const records: ScoreRecord[] = []
  for (const [nth, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      throw new TypeError(`Line ${nth + 1} is no JSON. A recording has one record per line.`)
    }
    if (isScoreRecord(value)) records.push(value)
  }
  if (records.length === 0) throw new TypeError('This file has no records of a score.')
  return records
}

/** Reads a recorded file. Rejects with a `TypeError` whose message can be shown. */
export async function readScoreFile(file: Blob): Promise<readonly ScoreRecord[]> {
  if (file.size > MAX_BYTES) throw new TypeError('This file is larger than 256 MiB.')
  return parseScore(await file.text())
}
