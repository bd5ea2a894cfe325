import type { Clock } from '@midsentence/core'
import type { LogPosition } from './log-position.ts'
import type { RoomReading } from './room-feed.ts'

/** Where a subscription begins. */
export interface SubscriptionStart {
  readonly after: LogPosition
  /** The client's cursor lies further back, or in another log: messages were left out. */
  readonly truncated: boolean
}

/** Finds where to begin, from the client's cursor and the age of the oldest message that it wants. */
export function subscriptionStart(
  { cursor: read, recent }: RoomReading,
  cursor: LogPosition | undefined,
  maxAgeMs: number | undefined,
  clock: Clock,
): SubscriptionStart {
  const { messages, from: after, truncated } = recent.after(cursor ?? read)
  if (cursor === undefined || maxAgeMs === undefined) return { after, truncated: truncated && cursor !== undefined }
  const oldest = clock.now() - maxAgeMs
  const tooOld = messages.filter(({ timestamp }) => Date.parse(timestamp) < oldest).at(-1)
  return tooOld ? { after: { ...after, seq: tooOld.seq }, truncated: true } : { after, truncated }
}
