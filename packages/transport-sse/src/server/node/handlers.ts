import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Hub, targetBelow } from '@midsentence/core/hub'
import { type HttpEndpointOptions, HttpEndpoints } from '../endpoints.ts'
import { routeOf } from '../request-target.ts'
import { inTurn, isEarly } from './in-turn.ts'
import { NodeExchange, type NodeHost } from './node-exchange.ts'

export interface SseHandlersOptions extends HttpEndpointOptions, NodeHost {}

/**
 * Handlers for your own `node:http` server. None throws; each answers unless the connection breaks. If a body parser has
 * read a request, they use its `req.body`.
 */
export interface SseHandlers {
  /** `POST /rpc`: JSON-RPC 2.0. */
  rpc(req: IncomingMessage, res: ServerResponse): void
  /** `GET /rooms/{room}/events`: the messages of `room` as server-sent events. */
  events(req: IncomingMessage, res: ServerResponse, room: string): void
  /**
   * Routes by path. For any other path it returns false, and calls `next` if there is one: `app.use(handle)` works in
   * Express and Connect.
   */
  handle(req: IncomingMessage, res: ServerResponse, next?: () => void): boolean
  /** Ends all streams within a second and answers later requests with 503. Running calls continue. Idempotent. */
  close(): Promise<void>
}

/** A connection may break at any time; `close` follows and cleans up. */
const ignoreError = () => {}

/**
 * Serves a hub over HTTP: calls by JSON-RPC 2.0, messages by server-sent events. Identifies callers by their token.
 * Check Host, Origin, CORS and request rates before it. Throws `TypeError` if `prefix` is not a path.
 */
export function sseHandlers(hub: Hub, options: SseHandlersOptions = {}): SseHandlers {
  const endpoints = new HttpEndpoints(hub, options)
  const targetOf = targetBelow(options.prefix)

  const exchangeOf = (req: IncomingMessage, res: ServerResponse, target: string): NodeExchange => {
    req.on('error', ignoreError)
    res.on('error', ignoreError)
    return new NodeExchange(req, res, target, options)
  }
  return {
    rpc: (req, res) => inTurn(req, res, () => endpoints.rpc(exchangeOf(req, res, req.url ?? ''))),
    events: (req, res, room) => inTurn(req, res, () => endpoints.events(exchangeOf(req, res, req.url ?? ''), room)),
    handle(req, res, next) {
      const target = targetOf(req)
      const route = target === undefined ? undefined : routeOf(target)
      if (!route) {
        next?.()
        return false
      }
      // Not `inTurn` for all, since that would create a function for each request.
      if (isEarly(res)) inTurn(req, res, () => endpoints.serve(route, exchangeOf(req, res, target!)))
      else endpoints.serve(route, exchangeOf(req, res, target!))
      return true
    },
    close: () => endpoints.close(),
  }
}
