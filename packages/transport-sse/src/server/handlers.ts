import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, defaultLimits, systemClock } from '@midsentence/core'
import { Heartbeats, type Hub } from '@midsentence/core/hub'
import { rpcDispatcher } from '@midsentence/core/wire'
import { closing, errorResponseOf, sendError } from './error-response.ts'
import { serveEvents } from './events.ts'
import { routeOf } from './request-target.ts'
import { serveRpc } from './rpc.ts'

export interface SseHandlersOptions {
  /** Default: the system clock. */
  readonly clock?: Clock
  /** The longest draft of the hub, in code points: sets the body limit. Default 20,000. */
  readonly maxDraft?: number
  /** Returns the address of the client, for admission. Default: none is passed on. */
  addressOf?(req: IncomingMessage): string
  /** Called with each internal error and the method it failed in, for a log. Must not throw. */
  fault?(cause: unknown, what: string): void
}

/** Handlers for your own `node:http` server. None throws; each answers unless the connection breaks. */
export interface SseHandlers {
  /** `POST /rpc`: JSON-RPC 2.0. */
  rpc(req: IncomingMessage, res: ServerResponse): void
  /** `GET /rooms/{room}/events`: the messages of `room` as server-sent events. */
  events(req: IncomingMessage, res: ServerResponse, room: string): void
  /** Routes by path. Returns false, and does nothing, for any other path. */
  handle(req: IncomingMessage, res: ServerResponse): boolean
  /** Ends all streams within a second and answers later requests with 503. Running calls continue. Idempotent. */
  close(): Promise<void>
}

/** A connection may break at any time; `close` follows and cleans up. */
const ignoreError = () => {}

const CLOSE_MS = 900

/**
 * Serves a hub over HTTP: calls by JSON-RPC 2.0, messages by server-sent events. Identifies callers by their token.
 * Check Host, Origin, CORS and request rates before it.
 */
export function sseHandlers(hub: Hub, options: SseHandlersOptions = {}): SseHandlers {
  const { clock = systemClock(), maxDraft = defaultLimits.draft, fault = () => {}, addressOf } = options
  const limits = { withToken: 16 * maxDraft + 64 * 1024, without: 8 * 1024 }
  const dispatcher = rpcDispatcher(hub, { fault })
  const streams = new Heartbeats(clock)
  let closed: Promise<void> | undefined

  const mayServe = (req: IncomingMessage, res: ServerResponse): boolean => {
    req.on('error', ignoreError)
    res.on('error', ignoreError)
    if (closed) sendError(req, res, closing)
    return !closed
  }
  const rpc = (req: IncomingMessage, res: ServerResponse): void => {
    if (mayServe(req, res)) serveRpc(dispatcher, limits, req, res, addressOf)
  }
  const events = (req: IncomingMessage, res: ServerResponse, room: string): void => {
    if (!mayServe(req, res)) return
    serveEvents(hub, streams, clock, req, res, room).catch(error => {
      const response = errorResponseOf(error)
      if (response.status === 500) fault(error, 'events')
      sendError(req, res, response)
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
