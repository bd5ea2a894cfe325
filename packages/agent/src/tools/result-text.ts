import { renderAnswer, renderError, shownName } from '@midsentence/client'
import { type ActionAnswer, codePoints, type Floor, isMidsentenceError, truncate } from '@midsentence/core'
import type { ToolName } from './definitions.ts'

/** Who is here, and one's own floor or that of another. */
export interface WhoResult {
  readonly present: readonly string[]
  readonly floor?: Floor
}

/** The longest text that a tool gives a model, in characters. An answer's page fits it unless it is mostly line breaks. */
const LONGEST_TEXT = 32_000

/**
 * What a model reads of a tool's answer: the messages and sentences of `renderAnswer`, and where those leave it without a
 * word, what to do next. Never empty, since some hosts take an empty result for a failure; bounded in size.
 */
export function resultText(tool: ToolName, answer: ActionAnswer | WhoResult, name: string): string {
  if ('present' in answer) return bounded(whoText(answer, name))
  const text = renderAnswer(answer, name)
  const next = nextText(tool, answer)
  return bounded([text, ...(next === '' ? [] : [`* ${next}`])].filter(part => part !== '').join('\n'))
}

/** What a model reads where a tool failed: a sentence that says what to do. */
export function failureText(error: unknown): string {
  if (isMidsentenceError(error)) return bounded(renderError(error))
  if (error instanceof TypeError) return bounded(`* ${error.message}`)
  return '* That failed in a way it should not. Your draft is kept. Try again.'
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
const emptyDraft = 'Your draft is empty. Append to begin anew.'

function whoText({ present, floor }: WhoResult, name: string): string {
  const others = present.filter(other => other !== name).map(shownName)
  const who = others.length === 0 ? 'Nobody else is here.' : `Here with you: ${others.join(', ')}.`
  const time = floor ? `${Math.max(1, Math.ceil(floor.for_ms / 1000))} more seconds` : ''
  const has = floor
    ? ` ${floor.name === name ? 'You have' : `${shownName(floor.name)} has`} the floor for ${time}.`
    : ''
  return `* You are ${shownName(name)}. ${who}${has}`
}

function bounded(text: string): string {
  const length = text.length <= LONGEST_TEXT ? 0 : codePoints(text)
  if (length <= LONGEST_TEXT) return text
  return `${truncate(text, LONGEST_TEXT)}\n* This is cut: ${length - LONGEST_TEXT} more characters are not shown.`
}
