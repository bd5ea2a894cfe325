import type { SegmentAppended } from '../draft/events.ts'
import type { ScoreEvent } from './records.ts'

/** Bytes of a record besides its texts, about. */
const RECORD_BYTES = 150
const SEGMENT_BYTES = 50

const draftBytes = (draft: readonly SegmentAppended[]): number =>
  draft.reduce((sum, { text }) => sum + SEGMENT_BYTES + text.length, 0)

/** Returns about how many bytes a record takes. */
export function scoreSize(event: ScoreEvent): number {
  switch (event.type) {
    case 'appended':
      return RECORD_BYTES + event.text.length
    case 'draft':
      return RECORD_BYTES + draftBytes(event.draft)
    case 'state':
      return event.participants.reduce((sum, { draft }) => sum + RECORD_BYTES + draftBytes(draft), RECORD_BYTES)
    default:
      return RECORD_BYTES
  }
}
