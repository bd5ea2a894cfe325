import type { Block, Lane, Mark, MessageBar, ScoreTimeline, TimelineItem } from './model.ts'
import { authorAt, holdsOf, messagesOfOthers, stateAt } from './moment.ts'
import { lastUpTo } from './search.ts'

/** A part of a sentence: own words, the name of a participant, or its text. */
export type Phrase = string | { readonly name: string } | { readonly quote: string }

/** A sentence about something that a participant or the room did. */
export type Sentence = readonly Phrase[]

const upTo = (seq: number): string => (seq === 0 ? 'before any message' : `having read up to #${seq}`)

const nameOf = (lane: Lane | undefined): Phrase => (lane ? { name: lane.name } : 'somebody')

const quotesOf = (blocks: readonly Block[]): Phrase => ({ quote: blocks.map(({ text }) => text).join('') })

const floorEnds: Readonly<Record<string, string>> = {
  sent: 'it sent',
  yielded: 'it gave it back',
  left: 'it left',
  time: 'its time was over',
}

/** Says in a sentence what an item is, as it was known at `position`. */
export function describeItem(item: TimelineItem, position: number): Sentence {
  if (item.kind === 'block') {
    const { lane, text, base } = item
    return item.isEarlier
      ? [nameOf(lane), ' has in its draft: ', { quote: text }]
      : [nameOf(lane), ' wrote, ', upTo(base), ': ', { quote: text }]
  }
  if (item.kind === 'message') return describeMessage(item, position)
  return describeMark(item)
}

function describeMessage(message: MessageBar, position: number): Sentence {
  const { seq, content } = message
  if (content !== undefined) return [nameOf(message.lane), ` sent #${seq}: `, { quote: content }]
  const author = authorAt(message, position)
  if (!author) return [`Message #${seq}. The room does not keep its text any more.`]
  return [nameOf(author), ` sent #${seq}: `, quotesOf(message.blocks)]
}

function describeMark({ type, lane, seq, why, blocks, lost }: Mark): Sentence {
  const name = nameOf(lane)
  switch (type) {
    case 'undone':
      return [name, ' took back: ', quotesOf(blocks ?? [])]
    case 'reset':
      return [name, ' emptied its draft: ', quotesOf(blocks ?? [])]
    case 'held':
      return why === 'floor'
        ? ['A push of ', name, ' was held, since another has the floor.']
        : ['A push of ', name, ` was held: it had not read #${seq} yet.`]
    case 'joined':
      return [name, ' joined.']
    case 'left':
      return [name, ' left.']
    case 'away':
      return [name, ' is away, and keeps its draft.']
    case 'floor.granted':
      return [name, ' has the floor: others wait until it has sent.']
    case 'floor.ended':
      return [name, ` no longer has the floor${floorEnds[why ?? ''] ? `: ${floorEnds[why!]}` : ''}.`]
    case 'gap':
      return [lost === undefined ? 'Records are missing here.' : `${lost} records are missing here.`]
    case 'stopped':
      return ['The recording stopped.']
  }
}

/** What a panel tells of a selected segment. */
export interface BlockStory {
  /** The newest message that its author had been given when it wrote. */
  readonly read: MessageBar | undefined
  /** Messages of others that were there when it wrote, and that it had not been given. */
  readonly unread: readonly MessageBar[]
  /** Messages of others that came while the segment was in the draft. */
  readonly crossing: readonly MessageBar[]
  readonly holds: readonly Mark[]
  /** What became of it, in a sentence. */
  readonly outcome: Sentence
  readonly message: MessageBar | undefined
}

/** Tells what the author of `block` knew, and what happened to the block up to `position`. */
export function storyOf(model: ScoreTimeline, block: Block, position: number): BlockStory {
  const { lane, base, head, end } = block
  const isOver = stateAt(block, position) !== 'draft'
  const headThen = isOver ? end!.head : Math.max(head, headAt(model, position))
  const message = isOver ? messageOf(model, end?.seq) : undefined
  return {
    read: messageOf(model, base),
    unread: messagesOfOthers(model, lane, { after: base, upTo: head, position }),
    crossing: messagesOfOthers(model, lane, { after: head, upTo: message ? message.seq - 1 : headThen, position }),
    holds: holdsOf(block, position),
    outcome: outcomeOf(block, position),
    message,
  }
}

function outcomeOf(block: Block, position: number): Sentence {
  switch (stateAt(block, position)) {
    case 'draft':
      return ['It is still in the draft: only its author can send it.']
    case 'pushed':
      return [`It was sent in #${block.end!.seq}.`]
    case 'undone':
      return ['Its author took it back. It was never sent.']
    case 'reset':
      return ['Its author emptied the draft. It was never sent.']
    case 'replaced':
      return ['Its author replaced the draft.']
    case 'left':
      return ['Its author left, and the draft with it.']
    case 'unknown':
      return ['What happened to it is not recorded.']
  }
}

/** Returns message `seq`, if the score has it. */
function messageOf({ messages }: ScoreTimeline, seq: number | undefined): MessageBar | undefined {
  const found = lastUpTo(messages, seq ?? 0, message => message.seq)
  return found?.seq === seq ? found : undefined
}

const headAt = ({ messages }: ScoreTimeline, position: number): number =>
  lastUpTo(messages, position, message => message.position)?.seq ?? 0
