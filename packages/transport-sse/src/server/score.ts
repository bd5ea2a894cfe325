import { type Clock, isMidsentenceError, MidsentenceError } from '@midsentence/core'
import type { Heartbeats, Hub } from '@midsentence/core/hub'
import { answerCost, callCosts } from '@midsentence/core/wire'
import { closing, errorResponseOf, wrongMethod } from './error-response.ts'
import type { ErrorResponse, HttpExchange } from './http-exchange.ts'
import { credentialOf, positionOf } from './request-target.ts'
import { ScoreStream } from './score-stream.ts'

/** Streams the score of a room until the reader, its access or the hub ends. Rejects with the hub's error if it cannot start. */
export async function serveScore(
  hub: Hub,
  streams: Heartbeats,
  clock: Clock,
  exchange: HttpExchange,
  room: string,
): Promise<void> {
  if (exchange.method !== 'GET') return exchange.sendError(wrongMethod('GET', "A room's score"))
  const connection = exchange.openStream()
  if (!connection) return exchange.sendError({ status: 400, error: 'Open a separate connection for a stream.' })
  const { address, budget } = exchange
  // A watcher costs what a join does. The host took the first point with the request.
  const wait = (await budget?.take(callCosts.join - callCosts.call, true)) ?? 0
  if (wait > 0) return exchange.sendError(tooManyWatches(wait))
  const from = fromOf(exchange)
  const credential = credentialOf(exchange)
  const request = {
    room,
    ...(from !== undefined && { from }),
    ...(credential !== undefined && { credential }),
    ...(address !== undefined && { address }),
  }
  if (!hub.watch) throw noScores()
  const stream = new ScoreStream(connection, clock)
  const subscription = await hub.watch(request, stream)
  if (streams.closed) stream.end()
  stream.open(hub.log, subscription)
  if (stream.isClosed) exchange.sendError(closing)
  else streams.add(stream)
}

/** Answers the list of rooms. */
export async function serveRooms(hub: Hub, exchange: HttpExchange): Promise<void> {
  if (exchange.method !== 'GET') return exchange.sendError(wrongMethod('GET', 'The list of rooms'))
  if (!hub.listed) return exchange.sendError(errorResponseOf(noScores()))
  const text = JSON.stringify({ rooms: await hub.listed() })
  exchange.budget?.charge(answerCost(text.length))
  exchange.send(text)
}

/** Maps the error of a watch to an HTTP response: a refused credential is 401. */
export function watchErrorOf(error: unknown): ErrorResponse {
  const response = errorResponseOf(error)
  if (!isMidsentenceError(error) || error.code !== 'room-unavailable' || error.data.reason === undefined)
    return response
  return { ...response, status: 401, headers: { ...response.headers, 'www-authenticate': 'Bearer' } }
}

function fromOf(exchange: HttpExchange): number | undefined {
  const from = positionOf(exchange)
  if (!Number.isNaN(from)) return from
  throw new MidsentenceError(
    'invalid-params',
    'Resume from the position of a record you were given, a whole number, as Last-Event-ID or ?from=; or name none.',
  )
}

const noScores = () => new MidsentenceError('room-unavailable', 'This server has no scores and no list of rooms.')

const tooManyWatches = (ms: number): ErrorResponse => {
  const seconds = Math.ceil(ms / 1000)
  return {
    status: 429,
    error: `Your address asks to watch too often: wait ${seconds} seconds.`,
    headers: { 'retry-after': `${seconds}` },
  }
}
