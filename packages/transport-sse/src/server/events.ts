import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, MidsentenceError } from '@midsentence/core'
import type { Heartbeats, Hub, HubSession } from '@midsentence/core/hub'
import { closing, sendError, wrongMethod } from './error-response.ts'
import { EventStream } from './event-stream.ts'
import { afterOf, streamTokenOf } from './request-target.ts'

/** Streams a room's events until the reader, the session or the hub ends. Rejects with the hub's error if it cannot start. */
export async function serveEvents(
  hub: Hub,
  streams: Heartbeats,
  clock: Clock,
  req: IncomingMessage,
  res: ServerResponse,
  room: string,
): Promise<void> {
  if (req.method !== 'GET') return sendError(req, res, wrongMethod('GET', "A room's stream"))
  // Without a socket, an earlier pipelined response is pending, and the stream could not start.
  const { socket } = res
  if (!socket) return sendError(req, res, { status: 400, error: 'Open a separate connection for a stream.' })
  const session = enter(hub, req, room)
  const stream = new EventStream(res, socket, clock)
  const subscription = await session.subscribe(stream, seqOf(req))
  if (streams.closed) stream.end()
  stream.open(hub.log, subscription)
  if (!stream.isClosed) streams.add(stream)
  else if (!res.destroyed) sendError(req, res, closing)
}

function enter(hub: Hub, req: IncomingMessage, room: string): HubSession {
  const token = streamTokenOf(req)
  if (token === undefined) {
    throw new MidsentenceError(
      'session-unknown',
      'Join the room first, then send the token you were given as "Authorization: Bearer <token>".',
    )
  }
  const session = hub.enter(token)
  if (session.joinResult.room === room) return session
  throw new MidsentenceError('room-unavailable', 'This token belongs to another room. Join this room to read it.')
}

function seqOf(req: IncomingMessage): number | undefined {
  const after = afterOf(req)
  if (!Number.isNaN(after)) return after
  throw new MidsentenceError(
    'invalid-params',
    'Resume from the seq of a message you were given, a whole number, as Last-Event-ID or ?after=; or name none.',
  )
}
