import { type Clock, MidsentenceError } from '@midsentence/core'
import type { Heartbeats, Hub, HubSession } from '@midsentence/core/hub'
import { closing, wrongMethod } from './error-response.ts'
import { EventStream } from './event-stream.ts'
import type { HttpExchange } from './http-exchange.ts'
import { afterOf, streamTokenOf } from './request-target.ts'

/** Streams a room's events until the reader, the session or the hub ends. Rejects with the hub's error if it cannot start. */
export async function serveEvents(
  hub: Hub,
  streams: Heartbeats,
  clock: Clock,
  exchange: HttpExchange,
  room: string,
): Promise<void> {
  if (exchange.method !== 'GET') return exchange.sendError(wrongMethod('GET', "A room's stream"))
  const connection = exchange.openStream()
  if (!connection) return exchange.sendError({ status: 400, error: 'Open a separate connection for a stream.' })
  const session = await enter(hub, exchange, room)
  const stream = new EventStream(connection, clock)
  const subscription = await session.subscribe(stream, seqOf(exchange))
  if (streams.closed) stream.end()
  stream.open(hub.log, session.joinResult.sender_id, subscription)
  if (stream.isClosed) exchange.sendError(closing)
  else streams.add(stream)
}

async function enter(hub: Hub, exchange: HttpExchange, room: string): Promise<HubSession> {
  const token = streamTokenOf(exchange)
  if (token === undefined) {
    throw new MidsentenceError(
      'session-unknown',
      'Join the room first, then send the token you were given as "Authorization: Bearer <token>".',
    )
  }
  await hub.loadRoomOf?.(token)
  const session = hub.enter(token)
  if (session.joinResult.room === room) return session
  throw new MidsentenceError('room-unavailable', 'This token belongs to another room. Join this room to read it.')
}

function seqOf(exchange: HttpExchange): number | undefined {
  const after = afterOf(exchange)
  if (!Number.isNaN(after)) return after
  throw new MidsentenceError(
    'invalid-params',
    'Resume from the seq of a message you were given, a whole number, as Last-Event-ID or ?after=; or name none.',
  )
}
