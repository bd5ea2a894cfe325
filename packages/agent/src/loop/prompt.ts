import {
  type DraftVisibility,
  draftNotice,
  inLine,
  nameInSentence,
  type ReadingTime,
  renderHeard,
  renderMessages,
} from '@midsentence/client'
import type { Floor, Message } from '@midsentence/core'
import type { ModelMessage } from 'ai'
import { hushLiftedText } from '../tools/result-text.ts'
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

/** System prompt: the name of the model, how to say nothing, who sees drafts, and the persona. */
export function systemText(name: string, persona = '', visibility: DraftVisibility = {}): string {
  const task =
    `You are ${nameInSentence(name)}, in a chat room with others. Your whole answer is sent to all of them as one message: ` +
    `write only what ${nameInSentence(name)} says, as plain text, without a name in front. Others may speak while you write; ` +
    'you are then shown what they said and how far you have come. If you have nothing to say, answer with a single dash: -'
  return [task, draftNotice(visibility) ?? '', persona.trim()].filter(part => part !== '').join('\n\n')
}

/** Last line of a prompt that would otherwise end with the model's own message. */
export const quietText = 'Nobody has said anything new. You may speak.'
/** Prompt for an empty room. */
export const emptyText = 'Nobody has said anything yet. You may begin.'
/** Placeholder for dropped messages. */
export const omittedText = '* What was said before this is left out here.'

/** Line after the new messages that fit a prompt. */
export const moreComesText = '* More was said than fits here: you are shown the rest next.'

/** Line after a person had silenced the models. */
export const hushEndedText = `* ${hushLiftedText}`

/** Line before messages from before the model joined. `age`: how long before that they were said. */
const earlierText = (age: string | undefined): string =>
  `* This was said ${age === undefined ? '' : `${age} `}before you came:`
const joinedText = '* Then you came.'

export const missedText = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  from === to
    ? '* 1 message is gone for good. Ask the others if you need it.'
    : `* ${to - from + 1} messages are gone for good. Ask the others if you need them.`

/**
 * Builds the prompt for a new message, or for the review of a draft. `now`: the wall time. Only new messages have an age in it, as
 * the model reads the others again in every prompt, in their order.
 */
export function buildPrompt(history: PromptHistory, name: string, now: number, review?: DraftReview): ModelMessage[] {
  const turns: { role: 'user' | 'assistant'; lines: string[] }[] = []
  const say = (role: 'user' | 'assistant', line: string) => {
    const last = turns.at(-1)
    if (last?.role === role) last.lines.push(line)
    else turns.push({ role, lines: [line] })
  }
  if (history.omitted) say('user', omittedText)
  let heading = ''
  const mark = (next: string) => {
    if (next !== heading) say('user', next || joinedText)
    heading = next
  }
  for (const { message, own, earlier, age } of history.read) {
    mark(earlier ? earlierText(age) : '')
    if (own) say('assistant', message.content)
    else say('user', renderMessages([message]))
  }
  mark('')
  if (history.missed) say('user', missedText(history.missed))
  if (history.wasHushed) say('user', hushEndedText)
  const { next, lastOwn } = history
  const reading = { now, lastOwn }
  if (review) say('user', `\n${reviewText(next, review, name, reading, history.isFull)}`)
  else {
    if (next.length > 0) say('user', renderHeard({ messages: next }, reading))
    if (history.isFull) say('user', moreComesText)
  }
  if (turns.length === 0) say('user', emptyText)
  else if (turns.at(-1)!.role === 'assistant') say('user', quietText)
  // Some endpoints refuse a conversation that begins with an assistant message.
  if (turns[0]!.role === 'assistant') turns.unshift({ role: 'user', lines: [omittedText] })
  return turns.map(({ role, lines }) => ({ role, content: lines.join('\n').trimStart() }))
}

/** Asks a model how much of its draft to keep. Needs no explanation in the system prompt. `more`: not all that arrived fits. */
export function reviewText(
  arrived: readonly Message[],
  review: DraftReview,
  name: string,
  reading: ReadingTime,
  more = false,
): string {
  const { parts, floor } = review
  const n = parts.length
  const here = reviewReasonText(review, arrived.length)
  const said =
    arrived.length === 0 ? [] : [renderHeard({ messages: arrived }, reading), ...(more ? [moreComesText] : []), '']
  const listed = parts.map((part, at) =>
    renderMessages([{ ...emptyMessage, sender_id: String(at + 1), content: part.trim() }]),
  )
  const own = floor
    ? ` You have the floor for ${Math.max(1, Math.ceil(floor.for_ms / 1000))} seconds: what you send now is sent.`
    : ''
  return [
    here,
    ...(said.length > 0 ? ['', ...said] : ['']),
    `${n === 1 ? 'This is what' : `These are the ${n} parts that`} you, ${nameInSentence(name)}, have written so far. You have not sent ${n === 1 ? 'it' : 'them'}:`,
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
      return `The room refused your message: ${inLine(refusal)}${arrived === 0 ? '' : ` Meanwhile this was said:`}`
    case 'unclear':
      return `Your last answer was not used: its first line did not say how many parts you keep.${arrived === 0 ? '' : ' Meanwhile this was said:'}`
    case 'left over':
      return `You had begun a message and not sent it.${arrived === 0 ? '' : ` Since then this was said:`}`
  }
}

const reviewInstructions = (n: number): string =>
  `In the first line of your answer, write only KEEP and how many parts, counted from the first, you still stand by: a number ` +
  `from 0 to ${n}, for example: KEEP ${Math.ceil(n / 2)}. From the second line on, write how your message goes on from there, without saying the kept parts again. ` +
  `Write nothing more if the kept parts are all you want to say. To say nothing at all, answer with a single dash: -`
