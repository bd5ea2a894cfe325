import { renderMessages, shownName } from '@midsentence/client'
import type { Floor, Message } from '@midsentence/core'
import type { ModelMessage } from 'ai'
import type { ReviewReason } from './events.ts'
import type { PromptHistory } from './prompt-history.ts'

/** State of a draft that the model has to review. */
export interface DraftReview {
  readonly why: ReviewReason
  /** Texts of the draft, one per segment. */
  readonly parts: readonly string[]
  /** Set when the model has the floor. */
  readonly floor?: Floor
  /** The error of the room that refused the message. */
  readonly refusal?: string
}

/** System prompt: the name of the model and how to say nothing, followed by the persona. */
export const systemText = (name: string, persona = ''): string =>
  `You are ${shownName(name)}, in a chat room with others. Your whole answer is sent to all of them as one message: ` +
  `write only what ${shownName(name)} says, as plain text, without a name in front. Others may speak while you write; ` +
  `you are then shown what they said and how far you have come. If you have nothing to say, answer with a single dash: -${
    persona.trim() === '' ? '' : `\n\n${persona.trim()}`
  }`

/** Last line of a prompt that would otherwise end with the model's own message. */
export const quietText = 'Nobody has said anything new. You may speak.'
/** Prompt for an empty room. */
export const emptyText = 'Nobody has said anything yet. You may begin.'
/** Placeholder for dropped messages. */
export const omittedText = '* What was said before this is left out here.'

export const missedText = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  from === to
    ? '* 1 message is gone for good. Ask the others if you need it.'
    : `* ${to - from + 1} messages are gone for good. Ask the others if you need them.`

/** Builds the prompt for a new message, or for the review of a draft. */
export function buildPrompt(history: PromptHistory, name: string, review?: DraftReview): ModelMessage[] {
  const turns: { role: 'user' | 'assistant'; lines: string[] }[] = []
  const say = (role: 'user' | 'assistant', line: string) => {
    const last = turns.at(-1)
    if (last?.role === role) last.lines.push(line)
    else turns.push({ role, lines: [line] })
  }
  if (history.omitted) say('user', omittedText)
  for (const { message, own } of history.read) {
    if (own) say('assistant', message.content)
    else say('user', renderMessages([message]))
  }
  if (history.missed) say('user', missedText(history.missed))
  if (review) say('user', `\n${reviewText(history.unread, review, name)}`)
  else for (const message of history.unread) say('user', renderMessages([message]))
  if (turns.length === 0) say('user', emptyText)
  else if (turns.at(-1)!.role === 'assistant') say('user', quietText)
  // Some endpoints refuse a conversation that begins with an assistant message.
  if (turns[0]!.role === 'assistant') turns.unshift({ role: 'user', lines: [omittedText] })
  return turns.map(({ role, lines }) => ({ role, content: lines.join('\n').trimStart() }))
}

/** Asks a model how much of its draft to keep. Needs no explanation in the system prompt. */
export function reviewText(arrived: readonly Message[], review: DraftReview, name: string): string {
  const { parts, floor } = review
  const n = parts.length
  const here = reviewReasonText(review, arrived.length)
  const said = arrived.length === 0 ? [] : [renderMessages(arrived), '']
  const listed = parts.map((part, at) =>
    renderMessages([{ ...emptyMessage, sender_id: String(at + 1), content: part.trim() }]),
  )
  const own = floor
    ? ` You have the floor for ${Math.max(1, Math.ceil(floor.for_ms / 1000))} seconds: what you send now is sent.`
    : ''
  return [
    here,
    ...(said.length > 0 ? ['', ...said] : ['']),
    `${n === 1 ? 'This is what' : `These are the ${n} parts that`} you, ${shownName(name)}, have written so far. Nobody has seen ${n === 1 ? 'it' : 'them'}:`,
    ...listed,
    '',
    `Your answer is still wanted.${own} ${reviewInstructions(n)}`,
  ].join('\n')
}

const emptyMessage = { message_id: '', timestamp: '', seq: 0 }

function reviewReasonText({ why, refusal = '' }: DraftReview, arrived: number): string {
  switch (why) {
    case 'interrupted':
      return `While you were writing, this was said:`
    case 'held':
      return arrived === 0
        ? 'Your message is not sent yet: others spoke while you were writing.'
        : `Your message is not sent yet, since this was said before it:`
    case 'broken':
      return `The writing of your message broke off.${arrived === 0 ? '' : ` Meanwhile this was said:`}`
    case 'refused':
      return `The room refused your message: ${refusal}${arrived === 0 ? '' : ` Meanwhile this was said:`}`
    case 'left over':
      return `You had begun a message and not sent it.${arrived === 0 ? '' : ` Since then this was said:`}`
  }
}

const reviewInstructions = (n: number): string =>
  `In the first line of your answer, write only how many parts, counted from the first, you still stand by: a number from ` +
  `0 to ${n}. From the second line on, write how your message goes on from there, without saying the kept parts again. ` +
  `Write nothing more if the kept parts are all you want to say. To say nothing at all, answer with a single dash: -`
