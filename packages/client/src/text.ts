import type {
  ActionAnswer,
  AnswerBase,
  AppendAnswer,
  CheckAnswer,
  HeldAnswer,
  Message,
  MidsentenceError,
  SentAnswer,
} from '@midsentence/core'
import { indented, inLine, MAX_SHOWN_TEXT, nameInSentence, renderMessages } from './message-text.ts'
import { laterText, type ReadingTime, whenText } from './message-time.ts'

/**
 * Renders an answer for a model or a person: the messages, then sentences with the result and the next step, each on a line
 * after `* `. Returns "" if there is nothing to say. `name` is the reader's own, to tell its floor from another's. `reading`
 * adds when the messages were said.
 */
export function renderAnswer(answer: ActionAnswer, name: string, reading?: ReadingTime): string {
  const sentences = [...aboutAction(answer, name), ...newsSentences(answer)].map(sentence => `* ${sentence}`)
  const heard = renderHeard(answer, reading)
  const draft = 'draft' in answer ? [draftLines(answer.draft, heard.length)] : []
  return [heard, ...sentences, ...draft].filter(part => part !== '').join('\n')
}

const observedText = 'Observers of this room see your draft while you write it. It is not recorded.'
const recordedText =
  'This room is recorded: observers see your draft while you write it, and it is kept for a while, also what you take back.'

/** Tells a participant who sees its draft, and whether what they see is kept. Undefined: it is private. */
export function draftNotice({ observable, recorded }: DraftVisibility): string | undefined {
  if (!observable) return undefined
  return recorded ? recordedText : observedText
}

/** Who sees the drafts of a room, as a view, an answer or the result of a join says it. */
export interface DraftVisibility {
  readonly observable?: boolean
  readonly recorded?: boolean
}

/** Tells that an answer does not hold all new messages. */
export const moreText = 'There are more messages than fit here. Check to read on.'

/**
 * Renders the messages of an answer. A line before them says which were said before the reader came and, given its `reading`,
 * when they were said: at each message for which that differs from the one before.
 */
export function renderHeard(
  { messages, history = 0 }: Pick<AnswerBase, 'messages' | 'history'>,
  reading?: ReadingTime,
): string {
  const said = (message: Message, at: number): string => {
    const when = reading ? whenText(message, reading) : ''
    if (history === 0) return when
    return [...(when === '' ? [] : [when]), at < history ? 'before you came' : 'since you came'].join(', ')
  }
  let last = ''
  const lines = messages.flatMap((message, at) => {
    const when = said(message, at)
    const isSame = when === last
    last = when
    return [...(isSame ? [] : [`* This was said ${when || laterText(message, reading)}:`]), renderMessages([message])]
  })
  return lines.join('\n')
}

/** Renders an error for a person, as one line after `* `. */
export const renderError = (error: MidsentenceError): string => `* ${inLine(error.message)}`

/**
 * Renders an error for a model, as one line after `* `. What only a person can do is said as something to tell its user: a
 * model with a shell would start a server or end a process itself.
 */
export function renderErrorForModel(error: MidsentenceError): string {
  const { message, problem, remedy } = error
  if (remedy !== undefined)
    return `* ${inLine(`${problem}${/[.?]$/.test(problem) ? '' : '.'} Tell your user to ${remedy}.`)}`
  const told = forUser(error)
  return `* ${inLine(message)}${told === undefined ? '' : ` ${told}`}`
}

/** What the user of a model can do about a server's refusal of a join, or about a session that is over. */
function forUser({ code, data }: MidsentenceError): string | undefined {
  switch (code) {
    case 'name-taken':
      return 'Tell your user to choose another name for you.'
    case 'room-unavailable':
      return data.reason === undefined
        ? 'Tell your user, who can choose another room for you.'
        : 'Tell your user to correct your credential in the settings of midsentence.'
    case 'session-unknown':
      return 'Tell your user to connect you again, with a new token if you use one.'
    default:
      return undefined
  }
}

/** Renders who is writing as a sentence: `"Ada" and "Ben" are writing.` Returns "" for an empty list. */
export function writingText(names: readonly string[]): string {
  const [first, second, third] = names.map(nameInSentence)
  if (first === undefined) return ''
  if (second === undefined) return `${first} is writing.`
  if (third === undefined) return `${first} and ${second} are writing.`
  return `${first}, ${second} and ${count(names.length - 2, 'other')} are writing.`
}

function aboutAction(answer: ActionAnswer, name: string): string[] {
  if ('accepted' in answer) return aboutAppend(answer)
  if ('message_id' in answer) return aboutSent(answer)
  if ('held' in answer) return [aboutHeld(answer, name)]
  if ('draft' in answer) return []
  if ('suffix' in answer) return answer.status === 0 ? ['There is nothing to undo: your draft is empty.'] : []
  return aboutCheck(answer)
}

function aboutAppend({ status, accepted, dropped, suffix }: AppendAnswer): string[] {
  if (status === 1) return []
  if (dropped === 0) return ['There was nothing to append: the text is empty. Append some words.']
  if (accepted === 0) return ['Nothing was kept: your draft is full. Push it, or undo or reset, then append again.']
  // A model does not count characters: the last words show it where to continue.
  const end = suffix === '' ? '' : ` Your draft now ends with "${inLine(suffix)}".`
  const kept = `Only the first ${count(accepted, 'character')} ${were(accepted)} kept`
  return [`${kept} and ${count(dropped, 'character')} ${dropped === 1 ? 'is' : 'are'} missing.${end} Append the rest.`]
}

function aboutSent({ crossed = [], crossed_more = 0 }: SentAnswer): string[] {
  const messages = crossed.length + crossed_more
  if (messages === 0) return []
  const [read, change] = messages === 1 ? ['it', 'it changes'] : ['them', 'they change']
  return [
    `Sent, but it crossed ${count(messages, 'message')} that you had not seen. Read ${read}, and say more if ${change} anything.`,
  ]
}

function aboutHeld({ messages, history = 0, floor }: HeldAnswer, name: string): string {
  if (floor && floor.name !== name) {
    const time = count(seconds(floor.for_ms), 'more second')
    return `Not sent yet: ${nameInSentence(floor.name)} has the floor for ${time}. Your draft is kept. Push again to wait for it.`
  }
  const news = messages.length - history
  const arrived = news === 0 ? 'messages' : count(news, 'message')
  const held = `Not sent yet: ${arrived} arrived while you were writing. Your draft is kept.`
  if (!floor) return `${held} Push again to send it as it is, or undo, append or reset first.`
  const time = count(seconds(floor.for_ms), 'second')
  return `${held} You have the floor for ${time}: push again and it is sent, or undo, append or reset first.`
}

function aboutCheck({ floor }: CheckAnswer): string[] {
  if (!floor) return []
  return [`You have the floor for ${count(seconds(floor.for_ms), 'more second')}: push to send your draft.`]
}

/** Returns what an answer says besides its result and its messages, as sentences: lost messages, another room or name. */
export function newsSentences(answer: Partial<AnswerBase>): string[] {
  const { more, missed, rejoined, renamed } = answer
  const sentences: string[] = []
  const notice = draftNotice(answer)
  if (notice !== undefined) sentences.push(notice)
  if (rejoined === 'room') {
    sentences.push('This is a new room: the server lost the old one, and you joined again. Your draft is kept.')
  }
  if (rejoined === 'session') sentences.push('You were away for long, and joined this room again. Your draft is kept.')
  if (renamed !== undefined) {
    sentences.push(`Another participant took your name while you were away. You are ${nameInSentence(renamed)} now.`)
  }
  if (missed) {
    const messages = missed.to - missed.from + 1
    const [gone, need] = messages === 1 ? ['is gone', 'it'] : ['are gone', 'them']
    sentences.push(`${count(messages, 'message')} ${gone} for good. Ask the others if you need ${need}.`)
  }
  if (more) sentences.push(moreText)
  return sentences
}

/** Renders a draft. It is cut to what `heard` characters of messages leave of the room for both, and to 4,000 at least. */
function draftLines(draft: string, heard: number): string {
  if (draft === '') return '* Your draft is empty.'
  const { text, left } = indented(draft, Math.max(4000, Math.min(MAX_SHOWN_TEXT, 30_000 - heard)))
  const more = left === 0 ? '' : `\n* Your draft is longer: ${left} more characters are not shown. Push sends them too.`
  return `* Your draft so far:\n${text}${more}`
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`
const were = (n: number) => (n === 1 ? 'was' : 'were')
const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000))
