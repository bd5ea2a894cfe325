import type { Clock } from '@midsentence/core'
import type { Webhooks } from '../webhooks/webhooks.ts'
import type { RoomFeed } from './room-feed.ts'

export const eventMethodNames = [
  'events/list',
  'events/poll',
  'events/stream',
  'events/subscribe',
  'events/unsubscribe',
] as const

export type EventMethod = (typeof eventMethodNames)[number]

/** Parameters of a request, as they came. */
export type Params = Readonly<Record<string, unknown>>

export interface EventsOptions {
  readonly feed: RoomFeed
  /** The webhook subscriptions of the endpoint, and who asks. Without it there are no webhooks. */
  readonly webhooks?: { readonly subscriptions: Webhooks; readonly principal: string }
  readonly clock?: Clock
}
