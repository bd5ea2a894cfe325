import type {
  ActionAnswer,
  AnswerBase,
  AppendAnswer,
  CheckAnswer,
  HeldAnswer,
  MidsentenceError,
  SentAnswer,
} from '@midsentence/core'
import { indented, inLine, renderMessages, shownName } from './message-text.ts'

/**
 * Renders an answer for a model or a person: the messages, then sentences with the result and the next step, each on a line
 * after `* `. Returns "" if there is nothing to say. `name` is the reader's own, to tell its floor from another's.
 */
export function renderAnswer(answer: ActionAnswer, name: string): string {
  const sentences = [...aboutAction(answer, name), ...aboutNews(answer)].map(sentence => `* ${sentence}`)
  const draft = 'draft' in answer ? [draftLines(answer.draft)] : []
  return [renderMessages(answer.messages), ...sentences, ...draft].filter(part => part !== '').join('\n')
}

/** Renders an error for a model or a person, as one line after `* `. */
export const renderError = (error: MidsentenceError): string => `* ${inLine(error.message)}`

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

function aboutHeld({ messages, floor }: HeldAnswer, name: string): string {
  if (floor && floor.name !== name) {
    const time = count(seconds(floor.for_ms), 'more second')
    return `Not sent yet: ${shownName(floor.name)} has the floor for ${time}. Your draft is kept. Push again to wait for it.`
  }
  const arrived = messages.length === 0 ? 'messages' : count(messages.length, 'message')
  const held = `Not sent yet: ${arrived} arrived while you were writing. Your draft is kept.`
  if (!floor) return `${held} Push again to send it as it is, or undo, append or reset first.`
  const time = count(seconds(floor.for_ms), 'second')
  return `${held} You have the floor for ${time}: push again and it is sent, or undo, append or reset first.`
}

function aboutCheck({ floor }: CheckAnswer): string[] {
  if (!floor) return []
  return [`You have the floor for ${count(seconds(floor.for_ms), 'more second')}: push to send your draft.`]
}

function aboutNews({ more, missed, rejoined }: AnswerBase): string[] {
  const sentences: string[] = []
  if (rejoined) sentences.push('The room was restarted and you joined it again. Your draft is kept.')
  if (missed) {
    const messages = missed.to - missed.from + 1
    const [gone, need] = messages === 1 ? ['is gone', 'it'] : ['are gone', 'them']
    sentences.push(`${count(messages, 'message')} ${gone} for good. Ask the others if you need ${need}.`)
  }
  if (more) sentences.push('There are more messages than fit here. Check to read on.')
  return sentences
}

const draftLines = (draft: string) =>
  draft === '' ? '* Your draft is empty.' : `* Your draft so far:\n${indented(draft)}`

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`
const were = (n: number) => (n === 1 ? 'was' : 'were')
const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000))
