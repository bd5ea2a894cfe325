import type { Seq } from '@midsentence/core'
import type { Block, FloorSpan, Lane, Mark, MessageBar, PresenceSpan, ScoreTimeline, TimelineItem } from './model.ts'
import { countUpTo, lastUpTo } from './search.ts'

/** How a segment is shown at a position. */
export type BlockState = 'draft' | NonNullable<Block['end']>['how']

/** Returns what had become of a block at `position`. */
export const stateAt = ({ end }: Block, position: number): BlockState =>
  end && end.position <= position ? end.how : 'draft'

/** Returns the segments that were in the draft of `lane` at `position`, oldest first. O(draft). */
export function draftAt(lane: Lane, position: number): Block[] {
  const blocks: Block[] = []
  let block = lastUpTo(lane.blocks, position, at => at.position)
  for (; block; block = block.below) if (stateAt(block, position) === 'draft') blocks.push(block)
  return blocks.reverse()
}

/** Returns the seq up to which `lane` had been given messages at `position`. */
export const givenAt = (lane: Lane, position: number): Seq =>
  lastUpTo(lane.given, position, at => at.position)?.seq ?? 0

/** Returns whether `lane` was in the room at `position`, and whether away. Undefined: it was not. */
export function presenceAt(lane: Lane, position: number): PresenceSpan | undefined {
  const span = lastUpTo(lane.presence, position, at => at.from)
  return span && (span.to === undefined || span.to > position) ? span : undefined
}

/** Returns the floor at `position`. */
export function floorAt({ floors }: ScoreTimeline, position: number): FloorSpan | undefined {
  const floor = lastUpTo(floors, position, at => at.from)
  return floor && (floor.to === undefined || floor.to > position) ? floor : undefined
}

/** Returns the author of a message, if it was known at `position`. */
export const authorAt = (message: MessageBar, position: number): Lane | undefined =>
  message.content !== undefined || (message.joinedAt ?? Number.POSITIVE_INFINITY) <= position ? message.lane : undefined

/** Returns how many of the items were there at `position`. */
export const itemsAt = ({ items }: ScoreTimeline, position: number): number =>
  countUpTo(items, position, item => item.position)

/** Returns how many of the messages were there at `position`. */
export const messagesAt = ({ messages }: ScoreTimeline, position: number): number =>
  countUpTo(messages, position, message => message.position)

/**
 * Whether a participant could see an item at `position`: its own segments, pushes and messages, the messages that it had been
 * given, who came and went, the floor, and what concerns the recording. Never a draft or a hold of another.
 */
export function isVisibleTo(lane: Lane, item: TimelineItem, position: number): boolean {
  if (item.position > position) return false
  if (item.kind === 'block') return item.lane === lane
  if (item.kind === 'message') return authorAt(item, position) === lane || item.seq <= givenAt(lane, position)
  const isPrivate = item.type === 'undone' || item.type === 'reset' || item.type === 'held'
  return !isPrivate || item.lane === lane
}

/** Returns the holds of the draft that `block` was in, while it was in it, up to `position`, oldest first. */
export function holdsOf({ lane, position: from, end }: Block, position: number): readonly Mark[] {
  const to = Math.min(end?.position ?? Number.POSITIVE_INFINITY, position)
  const positionOf = (hold: Mark) => hold.position
  return lane.holds.slice(countUpTo(lane.holds, from, positionOf), countUpTo(lane.holds, to, positionOf))
}

/** Returns the messages of others, as far as their authors are known at `position`, with `after` < seq <= `upTo`, oldest first. */
export function messagesOfOthers(
  { messages }: ScoreTimeline,
  lane: Lane,
  { after, upTo, position }: { readonly after: Seq; readonly upTo: Seq; readonly position: number },
): readonly MessageBar[] {
  const seqOf = (message: MessageBar) => message.seq
  return messages
    .slice(countUpTo(messages, after, seqOf), countUpTo(messages, upTo, seqOf))
    .filter(message => authorAt(message, position) !== lane)
}
