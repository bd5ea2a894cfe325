import type { ConverseEvent } from '@midsentence/agent'
import { inLine, nameInSentence, renderHeard, shownName } from '@midsentence/client'
import type { Palette } from '../palette.ts'

/** Formats an event of a model as one line. Returns undefined for events that are not shown. */
export function formatEvent(name: string, event: ConverseEvent, { dim, bold, good, bad }: Palette): string | undefined {
  const line = (verb: string, text: string) => `${bold(shownName(name))}  ${verb}  ${text}`
  switch (event.type) {
    case 'joined':
      return dim(`${nameInSentence(event.name)} joins.${noticeText(event)}`)
    case 'heard':
      return renderHeard(event)
    case 'asked':
      return event.why ? dim(`${shownName(name)}  reviews its draft`) : dim(`${shownName(name)}  begins`)
    case 'thinking':
      return dim(`${shownName(name)}  is thinking`)
    case 'wrote':
      return line('writes', toSingleLine(event.text.trim()))
    case 'interrupted':
      return line(bad('stops'), `in mid-sentence: ${nameInSentence(event.by.sender_id)} spoke`)
    case 'kept':
      return line('keeps', `${event.segments} of ${event.of} ${event.of === 1 ? 'part' : 'parts'}`)
    case 'held':
      return line(bad('is held'), event.floor ? `and waits for the floor` : 'somebody spoke first, the draft stays')
    case 'sent':
      return line(good('sends'), event.crossed ? `and crossed ${event.crossed.length} unseen` : 'it as one message')
    case 'silent':
      return dim(`${shownName(name)}  says nothing`)
    case 'trouble':
      return line(
        bad('trouble'),
        `${toSingleLine(event.sentence)}${event.retry_ms === undefined ? '' : ` Retry in ${seconds(event.retry_ms)} s.`}${event.waits ? ' It tries again when somebody speaks.' : ''}`,
      )
    case 'left':
      return dim(`${shownName(name)}  leaves: ${toSingleLine(event.sentence)}`)
    default:
      return undefined
  }
}

const seconds = (ms: number) => Math.max(0.1, Math.round(ms / 100) / 10)

/** Replaces controls, so that other participants cannot write terminal escapes, and each white space by one space. */
const toSingleLine = (text: string): string => inLine(text.replace(/\s+/g, ' '))

function noticeText({ observable, recorded }: Extract<ConverseEvent, { readonly type: 'joined' }>): string {
  if (!observable) return ''
  return recorded ? ' This room is recorded: its draft is kept for a while.' : ' Observers of this room see its draft.'
}
