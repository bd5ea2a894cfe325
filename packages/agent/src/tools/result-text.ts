import {
  draftNotice,
  inLine,
  nameInSentence,
  type ReadingTime,
  renderAnswer,
  renderErrorForModel,
  writingText,
} from '@midsentence/client'
import { type ActionAnswer, type Floor, isMidsentenceError } from '@midsentence/core'
import type { ToolName } from './definitions.ts'

/** Data of the tool `who`: participants, who of them writes, and who has the floor. */
export interface WhoToolResult {
  readonly present: readonly string[]
  readonly writing?: readonly string[]
  readonly floor?: Floor
  /** Observers of the room see the draft. In the first result only. */
  readonly observable?: true
  /** What they see is kept. In the first result only. */
  readonly recorded?: true
}

/** What a result adds to an answer. */
export interface ResultExtras {
  /** Who of the others writes, after a check that brought nothing. */
  readonly writing?: readonly string[]
  /** The code of everything that the results have shown so far. */
  readonly read?: string
  /** A person silences the models of the room. False: that has ended since an earlier result said so. */
  readonly hushed?: boolean
  /** A longer wait for the next check, in milliseconds, after several that brought nothing. */
  readonly suggested_ms?: number
  /** Sentences about the start, in the first result: the participant's name, and a draft from before. */
  readonly notices?: readonly string[]
}

/** Data of a tool. */
export type ToolData =
  | (ActionAnswer & ResultExtras)
  | (WhoToolResult & Pick<ResultExtras, 'read' | 'hushed' | 'notices'>)

/** Result of a tool call: the text for the model, and the same as data. */
export interface ToolResult {
  readonly text: string
  /** Absent when the call failed. */
  readonly data?: ToolData
  readonly failed?: true
}

/** Tells a model that it is silenced. A person may lift that without a word, which the next result shows. */
const hushedText =
  'A person has asked the models of this room to be silent: push is refused until a person sends a message. Check to wait for it.'

/** Tells a model that it is silenced no more. */
export const hushLiftedText = 'A person had asked the models of this room to be silent. You may speak again now.'

/** Most names in the text of `who`. */
const MAX_NAMES = 50

/**
 * Formats the answer of a tool for a model: the text of `renderAnswer`, then what to do next if that says nothing about
 * it. Never empty, because some hosts treat an empty result as a failure. At most 32,000 characters for a page of messages:
 * a longer message, draft or list of names is cut by itself, so that nothing else is.
 */
export function resultText(tool: ToolName, answer: ToolData, name: string, reading?: ReadingTime): string {
  const code = answer.read === undefined ? [] : [`* Read code: ${answer.read}.`]
  const hush = answer.hushed === undefined ? [] : [answer.hushed ? hushedText : hushLiftedText]
  const notices = [...(answer.notices ?? []), ...hush].map(notice => `* ${notice}`)
  if ('present' in answer) return [whoText(answer, name), ...notices, ...code].join('\n')
  const text = renderAnswer(answer, name, reading)
  const next = nextText(tool, answer, writingText(answer.writing ?? []))
  return [text, ...notices, ...(next === '' ? [] : [`* ${next}`]), ...code].filter(part => part !== '').join('\n')
}

/** Formats an error for a model, as a sentence that says what to do, or what its user has to do. */
export function failureText(error: unknown): string {
  if (isMidsentenceError(error)) return renderErrorForModel(error)
  if (error instanceof TypeError) return `* ${inLine(error.message)}`
  return '* That failed because of an internal error. Your draft is kept. Try again.'
}

function nextText(tool: ToolName, answer: ActionAnswer & ResultExtras, writing: string): string {
  const longer = answer.suggested_ms === undefined ? '' : ` with timeout_ms ${answer.suggested_ms}`
  const heard = answer.messages.length > (tool === 'check' ? 0 : (answer.history ?? 0))
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
      if ('floor' in answer && answer.floor) return ''
      return `${writing || 'Nobody has said anything new.'} Call check again${longer} to go on listening.`
    default:
      return ''
  }
}

const stillWanted =
  'This came while you were writing. Your answer is still wanted: go on, or undo or reset first, then push.'
const emptyDraft = 'Your draft is empty. Append to start over.'

function whoText(result: WhoToolResult, name: string): string {
  const { present, writing = [], floor } = result
  const others = present.filter(other => other !== name)
  const listed = others.slice(0, MAX_NAMES).map(nameInSentence).join(', ')
  const rest = others.length > MAX_NAMES ? ` and ${others.length - MAX_NAMES} more` : ''
  const who = others.length === 0 ? 'You are alone here.' : `Here with you: ${listed}${rest}.`
  const writers = writingText(writing.filter(other => other !== name))
  const time = floor ? `${Math.max(1, Math.ceil(floor.for_ms / 1000))} more seconds` : ''
  const has = floor
    ? ` ${floor.name === name ? 'You have' : `${nameInSentence(floor.name)} has`} the floor for ${time}.`
    : ''
  const notice = draftNotice(result)
  const observed = notice === undefined ? '' : `\n* ${notice}`
  return `* You are ${nameInSentence(name)}. ${who}${writers === '' ? '' : ` ${writers}`}${has}${observed}`
}
