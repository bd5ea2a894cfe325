import { isMidsentenceError, systemClock } from '@midsentence/core'
import { ProtocolError, type ServerContext } from '@modelcontextprotocol/server'
import { cancellable } from '../tools/cancellable.ts'
import { streamEvents } from './event-stream.ts'
import type { EventMethod, EventsOptions, Params } from './events-options.ts'
import { formatCursor, type LogPosition } from './log-position.ts'
import {
  checkRoom,
  type DeliveryMode,
  eventErrors,
  messageEvent,
  readCursor,
  readDelivery,
  readFilter,
  readNumber,
  toEvent,
  wants,
} from './message-event.ts'
import type { RoomFeed, RoomReading } from './room-feed.ts'
import { subscriptionStart } from './subscription-start.ts'

/** Wait between two polls, in milliseconds, as a client is advised. */
const NEXT_POLL_MS = 5000
/** Events of one poll. */
const MAX_POLLED = 100
/** Open `events/stream` requests of one participant. */
export const MAX_STREAMS = 10

/** Open streams by feed, that is, by participant. */
const openStreams = new WeakMap<RoomFeed, number>()

/** Handlers of the extension, by method. */
export type EventMethods = Readonly<
  Record<EventMethod, (request: Params, context: ServerContext) => Promise<Record<string, unknown>>>
>

/** Creates the handlers for the messages of a room. */
export function eventMethods({ feed, webhooks, clock = systemClock() }: EventsOptions): EventMethods {
  const delivery: DeliveryMode[] = ['push', 'poll', ...(webhooks ? (['webhook'] as const) : [])]
  const open = async ({ name, arguments: args, cursor, maxAgeMs }: Params) => {
    const filter = readFilter(name, args)
    const position = readCursor(cursor)
    const age = readNumber('maxAgeMs', maxAgeMs, 0)
    const reading = await readRoom(feed, position)
    try {
      checkRoom(filter, reading)
      return { filter, reading, start: subscriptionStart(reading, position, age, clock) }
    } catch (error) {
      reading.release()
      throw error
    }
  }

  const list = async () => ({ events: [messageEvent(delivery)] })

  const poll = async (request: Params) => {
    const limit = Math.min(readNumber('maxEvents', request.maxEvents, 1) ?? MAX_POLLED, MAX_POLLED)
    const { filter, reading, start } = await open(request)
    const { recent, room, name } = reading
    reading.release()
    const isNew = readCursor(request.cursor) === undefined
    const found = isNew ? [] : recent.after(start.after).messages
    const events = []
    let position = start.after
    for (const message of found) {
      if (events.length === limit) break
      position = { ...position, seq: message.seq }
      if (wants(filter, message, name)) events.push(toEvent(message, room))
    }
    if (recent.ended && found.length === 0) throw new ProtocolError(eventErrors.forbidden, recent.ended.message)
    return {
      events,
      cursor: formatCursor(position),
      truncated: start.truncated,
      hasMore: position.seq < (found.at(-1)?.seq ?? 0),
      nextPollMs: NEXT_POLL_MS,
    }
  }

  const stream = async (request: Params, { mcpReq }: ServerContext) => {
    const count = openStreams.get(feed) ?? 0
    if (count >= MAX_STREAMS) {
      const sentence = `${MAX_STREAMS} streams of yours are open. Close one first.`
      throw new ProtocolError(eventErrors.exhausted, sentence, { limit: 'streams', max: MAX_STREAMS })
    }
    openStreams.set(feed, count + 1)
    const _meta = { 'io.modelcontextprotocol/subscriptionId': mcpReq.id }
    const { signal, end } = cancellable(feed, mcpReq.id, mcpReq.signal)
    try {
      const { filter, reading, start } = await open(request)
      const notify = (type: string, fields: Params) =>
        mcpReq.notify({ method: `notifications/events/${type}`, params: { ...fields, _meta } })
      await streamEvents({ reading, filter, ...start, clock, signal, notify }).finally(reading.release)
    } finally {
      end()
      openStreams.set(feed, openStreams.get(feed)! - 1)
    }
    return { _meta }
  }

  const needWebhooks = () => {
    if (webhooks) return webhooks
    throw new ProtocolError(eventErrors.unsupported, 'Webhooks need MCP over HTTP. Use events/poll or events/stream.', {
      feature: 'deliveryMode',
      value: 'webhook',
    })
  }

  const subscribe = async (request: Params) => {
    const { subscriptions, principal } = needWebhooks()
    const filter = readFilter(request.name, request.arguments)
    const ttlMs = readNumber('ttlMs', request.ttlMs, 1)
    readCursor(request.cursor)
    // Verifies the session, so that a made-up token sends no request to anybody.
    const reading = await readRoom(feed)
    try {
      checkRoom(filter, reading)
      const delivery = readDelivery(request.delivery)
      return await subscriptions.subscribe(principal, { filter, delivery, ttlMs, open: () => open(request) })
    } finally {
      reading.release()
    }
  }

  const unsubscribe = async (request: Params) => {
    const { subscriptions, principal } = needWebhooks()
    subscriptions.unsubscribe(principal, readFilter(request.name, request.arguments), readDelivery(request.delivery))
    return {}
  }

  return {
    'events/list': list,
    'events/poll': poll,
    'events/stream': stream,
    'events/subscribe': subscribe,
    'events/unsubscribe': unsubscribe,
  }
}

/** Opens the room, and reports a session that is over as the extension has it. */
async function readRoom(feed: RoomFeed, after?: LogPosition): Promise<RoomReading> {
  try {
    return await feed.read(after)
  } catch (error) {
    if (isMidsentenceError(error)) throw new ProtocolError(eventErrors.forbidden, error.message)
    throw error
  }
}
