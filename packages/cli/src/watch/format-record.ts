import { inLine, nameInSentence } from '@midsentence/client'
import type { ScoreRecord } from '@midsentence/core'

/** Formats a record of a score as one line: time, number and event. What others wrote is made safe for a terminal. */
export function formatRecord(record: ScoreRecord): string {
  return `${inLine(record.at.slice(11, 19))} [${inLine(`${record.position}`)}] ${eventText(record)}`
}

function eventText(record: ScoreRecord): string {
  const name = 'sender_id' in record ? nameInSentence(record.sender_id) : ''
  switch (record.type) {
    case 'joined':
      return `${name} is here.`
    case 'left':
      return record.away ? `${name} is away.` : `${name} left.`
    case 'appended':
      return `${name} writes: ${oneLine(record.text)}`
    case 'undone':
      return `${name} takes the last segment back.`
    case 'reset':
      return `${name} empties the draft.`
    case 'draft':
      return `${name} has this draft: ${oneLine(record.draft.map(({ text }) => text).join(''))}`
    case 'pushed':
      return `${name} sent the draft as message ${record.seq}.`
    case 'held':
      return record.why === 'unseen'
        ? `${name} is held: message ${record.seq} is unread.`
        : `${name} waited for the floor of another until the time was up.`
    case 'floor.granted':
      return `${name} has the floor for ${Math.round(record.for_ms / 1000)} s.`
    case 'floor.ended':
      return `The floor of ${name} ended: ${inLine(record.why)}.`
    case 'given':
      return `${name} was given messages up to ${record.seq}.`
    case 'message':
      return record.message
        ? `Message ${record.seq}, ${nameInSentence(record.message.sender_id)}: ${oneLine(record.message.content)}`
        : `Message ${record.seq} is not kept any more.`
    case 'gap':
      return 'Records are missing here.'
    case 'state':
      return `The room has ${record.participants.length} participants, ${draftsIn(record)} of them with a draft.`
    case 'stopped':
      return 'The recording stops.'
    default:
      return inLine(`Unknown record: ${(record as { readonly type: string }).type}`)
  }
}

const draftsIn = ({ participants }: Extract<ScoreRecord, { readonly type: 'state' }>): number =>
  participants.filter(({ draft }) => draft.length > 0).length

/** A text in one line, with its line breaks as `\n`. */
const oneLine = (text: string): string => inLine(text.replace(/\r\n|[\n\r]/g, '\\n'))
