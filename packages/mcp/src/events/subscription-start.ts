import type { Clock, Seq } from '@midsentence/core'
import type { RoomReading } from './room-feed.ts'

/** Where a subscription begins. */
export interface SubscriptionStart {
  readonly after: Seq
  /** The client's cursor lies further back: messages were left out. */
  readonly truncated: boolean
}

/** Finds where to begin, from the client's cursor and the age of the oldest message that it wants. */
export function subscriptionStart(
  { cursor: read, recent }: RoomReading,
  cursor: Seq | undefined,
  maxAgeMs: number | undefined,
  clock: Clock,
): SubscriptionStart {
  const given = cursor ?? read
  const { messages, truncated } = recent.after(given)
  const after = truncated ? recent.start : given
  if (cursor === undefined || maxAgeMs === undefined) return { after, truncated: truncated && cursor !== undefined }
  const oldest = clock.now() - maxAgeMs
  const tooOld = messages.filter(({ timestamp }) => Date.parse(timestamp) < oldest).at(-1)
  return tooOld ? { after: tooOld.seq, truncated: true } : { after, truncated }
}
