import { type Hub, mountPath, targetBelow } from '@midsentence/core/hub'
import { type HttpEndpointOptions, HttpEndpoints } from '../endpoints.ts'
import { routeOf } from '../request-target.ts'
import { FetchExchange, type FetchHost } from './fetch-exchange.ts'

export interface FetchHandlerOptions extends HttpEndpointOptions, FetchHost {}

/** A handler for hosts with web-standard requests, such as Hono, Next, Bun and Deno. Its methods need no `this`. */
export interface FetchHandler {
  /**
   * Answers `POST /rpc` and `GET /rooms/{room}/events` below the prefix, and any other path with 404. Never rejects. The body
   * of the request must be unread. An event stream ends when its reader cancels it or the request aborts.
   */
  fetch(request: Request): Promise<Response>
  /** Ends all streams and answers later requests with 503. Running calls continue. Idempotent. */
  close(): Promise<void>
}

/**
 * Serves a hub as `sseHandlers` does, for web-standard requests. Check Host, Origin, CORS and request rates before it.
 * Throws `TypeError` if `prefix` is not a path.
 *
 * @example
 * const chat = fetchHandler(hub, { prefix: '/chat' })
 * app.all('/chat/*', c => chat.fetch(c.req.raw)) // Hono
 */
export function fetchHandler(hub: Hub, options: FetchHandlerOptions = {}): FetchHandler {
  const { prefix = '' } = options
  const endpoints = new HttpEndpoints(hub, options)
  const targetOf = targetBelow(prefix)
  const mount = mountPath(prefix)
  const notFound = {
    status: 404,
    error: `There is nothing here. Call POST ${mount}/rpc or GET ${mount}/rooms/{room}/events.`,
  }
  return {
    fetch(request) {
      const target = targetOf({ url: request.url.replace(/#.*$/s, '') })
      const route = target === undefined ? undefined : routeOf(target)
      const exchange = new FetchExchange(request, target ?? '', options)
      if (route) endpoints.serve(route, exchange)
      else exchange.sendError(notFound)
      return exchange.response
    },
    close: () => endpoints.close(),
  }
}
