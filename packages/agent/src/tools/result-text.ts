import { renderAnswer, renderError, shownName } from '@midsentence/client'
import { type ActionAnswer, codePoints, type Floor, isMidsentenceError, truncate } from '@midsentence/core'
import type { ToolName } from './definitions.ts'

/** Data of the tool `who`: participants, and who has the floor. */
export interface WhoToolResult {
  readonly present: readonly string[]
  readonly floor?: Floor
}

/** Longest text of a tool, in characters. A page of messages fits, unless it is mostly line breaks. */
const MAX_TEXT_LENGTH = 32_000

/**
 * Formats the answer of a tool for a model: the text of `renderAnswer`, then what to do next if that says nothing about
 * it. Never empty, because some hosts treat an empty result as a failure. At most 32,000 characters.
 */
export function resultText(tool: ToolName, answer: ActionAnswer | WhoToolResult, name: string): string {
  if ('present' in answer) return truncateText(whoText(answer, name))
  const text = renderAnswer(answer, name)
  const next = nextText(tool, answer)
  return truncateText([text, ...(next === '' ? [] : [`* ${next}`])].filter(part => part !== '').join('\n'))
}

/** Formats an error for a model, as a sentence that says what to do. */
export function failureText(error: unknown): string {
  if (isMidsentenceError(error)) return truncateText(renderError(error))
  if (error instanceof TypeError) return truncateText(`* ${error.message}`)
  return '* That failed because of an internal error. Your draft is kept. Try again.'
}

function nextText(tool: ToolName, answer: ActionAnswer): string {
  const heard = answer.messages.length > 0
  switch (tool) {
    case 'append':
      if (!('accepted' in answer) || answer.accepted === 0) return ''
      return heard ? stillWanted : answer.status === 2 ? '' : 'Added to your draft. Go on, or push to send it.'
    case 'undo':
      if (answer.status === 0) return heard ? stillWanted : ''
      return 'suffix' in answer && answer.suffix !== '' ? 'The last part is taken back.' : emptyDraft
    case 'reset':
      return emptyDraft
    case 'push':
      return 'held' in answer && answer.held ? '' : 'Sent. Check to hear what the others say.'
    case 'check':
      if (heard) return ''
      return 'floor' in answer && answer.floor
        ? ''
        : 'Nobody has said anything new. Call check again to go on listening.'
    default:
      return ''
  }
}

const stillWanted =
  'This came while you were writing. Your answer is still wanted: go on, or undo or reset first, then push.'
const emptyDraft = 'Your draft is empty. Append to start over.'

function whoText({ present, floor }: WhoToolResult, name: string): string {
  const others = present.filter(other => other !== name).map(shownName)
  const who = others.length === 0 ? 'Nobody else is here.' : `Here with you: ${others.join(', ')}.`
  const time = floor ? `${Math.max(1, Math.ceil(floor.for_ms / 1000))} more seconds` : ''
  const has = floor
    ? ` ${floor.name === name ? 'You have' : `${shownName(floor.name)} has`} the floor for ${time}.`
    : ''
  return `* You are ${shownName(name)}. ${who}${has}`
}

function truncateText(text: string): string {
  const length = text.length <= MAX_TEXT_LENGTH ? 0 : codePoints(text)
  if (length <= MAX_TEXT_LENGTH) return text
  return `${truncate(text, MAX_TEXT_LENGTH)}\n* This is cut: ${length - MAX_TEXT_LENGTH} more characters are not shown.`
}
