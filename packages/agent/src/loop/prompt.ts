import { renderMessages, shownName } from '@midsentence/client'
import type { Floor, Message } from '@midsentence/core'
import type { ModelMessage } from 'ai'
import type { ReviewReason } from './events.ts'
import type { PromptHistory } from './prompt-history.ts'

/** What a model is asked about a message that it has begun. */
export interface DraftReview {
  readonly why: ReviewReason
  /** What it has written so far, segment by segment. */
  readonly parts: readonly string[]
  /** The model's own floor. */
  readonly floor?: Floor
  /** Why the room refused it, where it did. */
  readonly refusal?: string
}

/** Who the model is in the room, and how to say nothing. The persona stands behind it. */
export const systemText = (name: string, persona = ''): string =>
  `You are ${shownName(name)}, in a chat room with others. Your whole answer is sent to all of them as one message: ` +
  `write only what ${shownName(name)} says, as plain text, without a name in front. Others may speak while you write; ` +
  `you are then shown what they said and how far you have come. If you have nothing to say, answer with a single dash: -${
    persona.trim() === '' ? '' : `\n\n${persona.trim()}`
  }`

/** What is said where a prompt would otherwise end with the model's own words, or with nothing. */
export const quietText = 'Nobody has said anything new. You may speak.'
/** What is said where the room is new. */
export const emptyText = 'Nobody has said anything yet. You may begin.'
/** What stands for what is too long ago. */
export const omittedText = '* What was said before this is left out here.'

export const missedText = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  from === to
    ? '* 1 message is gone for good. Ask the others if you need it.'
    : `* ${to - from + 1} messages are gone for good. Ask the others if you need them.`

/** The prompt for a message that is yet to begin, or for one to think over. */
export function buildPrompt(history: PromptHistory, name: string, about?: DraftReview): ModelMessage[] {
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
  if (about) say('user', `\n${reviewText(history.unread, about, name)}`)
  else for (const message of history.unread) say('user', renderMessages([message]))
  if (turns.length === 0) say('user', emptyText)
  else if (turns.at(-1)!.role === 'assistant') say('user', quietText)
  // Some endpoints refuse a conversation that begins with the model's own words.
  if (turns[0]!.role === 'assistant') turns.unshift({ role: 'user', lines: [omittedText] })
  return turns.map(({ role, lines }) => ({ role, content: lines.join('\n').trimStart() }))
}

/** Asks a model how much of what it has written it still stands by. Stands alone: no system prompt explains it. */
export function reviewText(arrived: readonly Message[], about: DraftReview, name: string): string {
  const { parts, floor } = about
  const n = parts.length
  const here = reviewReasonText(about, arrived.length)
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
