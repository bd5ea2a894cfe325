import type { Message } from '@midsentence/core'
import type { Block, Lane, Mark, MessageBar, ScoreTimeline } from '../model/model.ts'
import { authorAt, draftAt, floorAt, isVisibleTo, messagesAt, presenceAt, stateAt } from '../model/moment.ts'
import { countUpTo, lastUpTo } from '../model/search.ts'

/** A participant who was in the room. */
export interface PastParticipant {
  readonly lane: Lane
  readonly isAway: boolean
  /** The segments of its draft, oldest first. None, if the reader could not see them. */
  readonly draft: readonly Block[]
  /** The push of this draft that was not sent, if nothing has changed in the draft since. */
  readonly hold: Mark | undefined
}

/** A message with its author and text, or the seq of one whose text is kept nowhere. */
export type PastMessage = Message | { readonly seq: number; readonly content?: undefined }

/** What a room showed at a position. */
export interface TalkMoment {
  /** The newest messages, oldest first. */
  readonly messages: readonly PastMessage[]
  /** The place of the first of them among all messages, from 0. */
  readonly from: number
  readonly participants: readonly PastParticipant[]
  /** The floor, and the whole seconds that it could last. */
  readonly floor: { readonly lane: Lane; readonly seconds: number | undefined } | undefined
}

export interface TalkMomentOptions {
  readonly position: number
  /** The time there, in milliseconds since 1970. */
  readonly time: number
  /** Shows only what this participant had been given. */
  readonly as: Lane | undefined
  /** How many messages to return at most. */
  readonly most: number
}

/** Returns what the room showed at a position. O(participants + drafts + messages that are returned or hidden from `as`). */
export function talkAt(model: ScoreTimeline, { position, time, as, most }: TalkMomentOptions): TalkMoment {
  const messages: PastMessage[] = []
  let index = messagesAt(model, position)
  while (index > 0 && messages.length < most) {
    const bar = model.messages[--index]!
    if (!as || isVisibleTo(as, bar, position)) messages.push(messageOf(bar, position))
  }
  const floor = floorAt(model, position)
  return {
    messages: messages.reverse(),
    from: index,
    participants: [...model.lanes.values()].flatMap(lane => {
      const presence = presenceAt(lane, position)
      if (!presence) return []
      const draft = as && as !== lane ? [] : draftAt(lane, position)
      return [{ lane, isAway: presence.isAway, draft, hold: holdOf(lane, draft, position) }]
    }),
    floor: floor && {
      lane: floor.lane,
      seconds: floor.until === undefined ? undefined : Math.max(0, Math.ceil((floor.until - time) / 1000)),
    },
  }
}

/** Returns a message as the room sent it, or else as the segments that it joins. */
function messageOf(bar: MessageBar, position: number): PastMessage {
  const { seq, message, blocks, at } = bar
  if (message) return message
  const author = authorAt(bar, position)
  if (!author) return { seq }
  return {
    message_id: `seq ${seq}`,
    seq,
    sender_id: author.name,
    content: blocks.map(({ text }) => text).join(''),
    timestamp: new Date(at).toISOString(),
  }
}

/** Returns the newest hold of a draft that is still as it was then. */
function holdOf(lane: Lane, draft: readonly Block[], position: number): Mark | undefined {
  const hold = lastUpTo(lane.holds, position, at => at.position)
  if (!hold || draft.length === 0) return undefined
  const positionOf = (block: Block) => block.position
  const hasGrown = countUpTo(lane.blocks, position, positionOf) > countUpTo(lane.blocks, hold.position, positionOf)
  const top = draftAt(lane, hold.position).at(-1)
  return !hasGrown && top && stateAt(top, position) === 'draft' ? hold : undefined
}
