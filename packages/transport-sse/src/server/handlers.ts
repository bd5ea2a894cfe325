import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, defaultLimits, systemClock } from '@midsentence/core'
import { Heartbeats, type Hub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { closing, errorResponseOf, sendError } from './error-response.ts'
import { serveEvents } from './events.ts'
import { routeOf } from './request-target.ts'
import { serveRpc } from './rpc.ts'

export interface SseHandlersOptions {
  /** Default: the machine's own. */
  readonly clock?: Clock
  /** The longest draft of the hub, in code points: requests have to hold one. Default 20,000. */
  readonly maxDraft?: number
  /** Where a request comes from, for whoever decides who may join. Default: nobody is told. */
  addressOf?(req: IncomingMessage): string
  /** Is told what was answered as an error of ours, and at what, to be written into a log. Must not throw. */
  fault?(cause: unknown, what: string): void
}

/** Handlers for a `node:http` server of your own. None of them throws; each answers, or lets the connection go. */
export interface SseHandlers {
  /** `POST /rpc`: JSON-RPC 2.0. */
  rpc(req: IncomingMessage, res: ServerResponse): void
  /** `GET /rooms/{room}/events`: the messages of `room` as server-sent events. */
  events(req: IncomingMessage, res: ServerResponse, room: string): void
  /** Both, by their paths. False where the path is neither; then nothing was touched. */
  handle(req: IncomingMessage, res: ServerResponse): boolean
  /** Ends all streams within a second; what is asked from then on is answered with 503. Calls under way go on. Idempotent. */
  close(): Promise<void>
}

/** A connection may break at any moment; there is nobody to tell. */
const nobodyToTell = () => {}

const CLOSE_MS = 900

/**
 * A hub over HTTP: calls by JSON-RPC, messages by server-sent events. It knows the caller by its token and nothing else:
 * Host, Origin, CORS and rates are checked before.
 */
export function sseHandlers(hub: Hub, options: SseHandlersOptions = {}): SseHandlers {
  const { clock = systemClock(), maxDraft = defaultLimits.draft, fault = () => {}, addressOf } = options
  const limits = { withToken: 16 * maxDraft + 64 * 1024, without: 8 * 1024 }
  const dispatcher = rpcDispatcher(hub, { fault })
  const streams = new Heartbeats(clock)
  let closed: Promise<void> | undefined

  const mayServe = (req: IncomingMessage, res: ServerResponse): boolean => {
    req.on('error', nobodyToTell)
    res.on('error', nobodyToTell)
    if (closed) sendError(req, res, closing)
    return !closed
  }
  const rpc = (req: IncomingMessage, res: ServerResponse): void => {
    if (mayServe(req, res)) serveRpc(dispatcher, limits, req, res, addressOf)
  }
  const events = (req: IncomingMessage, res: ServerResponse, room: string): void => {
    if (!mayServe(req, res)) return
    serveEvents(hub, streams, clock, req, res, room).catch(error => {
      const refusal = errorResponseOf(error)
      if (refusal.status === 500) fault(error, 'events')
      sendError(req, res, refusal)
    })
  }
  return {
    rpc,
    events,
    handle(req, res) {
      const route = routeOf(req)
      if (!route) return false
      if (route.to === 'rpc') rpc(req, res)
      else events(req, res, route.room)
      return true
    },
    close() {
      closed ??= streams.close(CLOSE_MS)
      return closed
    },
  }
}
