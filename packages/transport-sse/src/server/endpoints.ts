import { type Clock, defaultLimits, systemClock } from '@midsentence/core'
import { Heartbeats, type Hub } from '@midsentence/core/hub'
import { type RpcDispatcher, rpcDispatcher } from '@midsentence/core/wire'
import { closing, errorResponseOf } from './error-response.ts'
import { serveEvents } from './events.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { Route } from './request-target.ts'
import { type BodyLimits, serveRpc } from './rpc.ts'
import { serveRooms, serveScore, watchErrorOf } from './score.ts'

export interface HttpEndpointOptions {
  /** Default: the system clock. */
  readonly clock?: Clock
  /** The longest draft of the hub, in code points: sets the body limit. Default 20,000. */
  readonly maxDraft?: number
  /** The path under which the host serves the endpoints, such as `/chat`, if requests come with it. Default: none. */
  readonly prefix?: string
  /** Called with each internal error and the method it failed in, for a log. Must not throw. */
  fault?(cause: unknown, what: string): void
}

const CLOSE_MS = 900

/** The endpoints of a hub over any kind of HTTP host. */
export class HttpEndpoints {
  readonly #hub: Hub
  readonly #clock: Clock
  readonly #limits: BodyLimits
  readonly #fault: (cause: unknown, what: string) => void
  readonly #dispatcher: RpcDispatcher
  readonly #streams: Heartbeats
  #closed: Promise<void> | undefined

  constructor(hub: Hub, options: HttpEndpointOptions) {
    const { clock = systemClock(), maxDraft = defaultLimits.draft, fault = () => {} } = options
    this.#hub = hub
    this.#clock = clock
    this.#limits = { withToken: 16 * maxDraft + 64 * 1024, without: 8 * 1024 }
    this.#fault = fault
    this.#dispatcher = rpcDispatcher(hub, { fault })
    this.#streams = new Heartbeats(clock)
  }

  /** Answers a request for JSON-RPC. Never throws. */
  rpc(exchange: HttpExchange): void {
    if (this.#closed) exchange.sendError(closing)
    else serveRpc(this.#hub, this.#dispatcher, this.#limits, exchange, this.#fault)
  }

  /** Answers a request for the events of `room`. Never throws. */
  events(exchange: HttpExchange, room: string): void {
    if (this.#closed) return exchange.sendError(closing)
    serveEvents(this.#hub, this.#streams, this.#clock, exchange, room).catch(error => {
      const response = errorResponseOf(error)
      if (response.status === 500) this.#fault(error, 'events')
      exchange.sendError(response)
    })
  }

  /** Answers a request for the score of `room`. Never throws. */
  score(exchange: HttpExchange, room: string): void {
    if (this.#closed) return exchange.sendError(closing)
    serveScore(this.#hub, this.#streams, this.#clock, exchange, room).catch(error => {
      const response = watchErrorOf(error)
      if (response.status === 500) this.#fault(error, 'score')
      exchange.sendError(response)
    })
  }

  /** Answers a request for the list of rooms. Never throws. */
  rooms(exchange: HttpExchange): void {
    if (this.#closed) return exchange.sendError(closing)
    serveRooms(this.#hub, exchange).catch(error => exchange.sendError(errorResponseOf(error)))
  }

  /** Answers a request for the endpoint of `route`. Never throws. */
  serve(route: Route, exchange: HttpExchange): void {
    if (route.to === 'rpc') this.rpc(exchange)
    else if (route.to === 'rooms') this.rooms(exchange)
    else if (route.to === 'score') this.score(exchange, route.room)
    else this.events(exchange, route.room)
  }

  /** Ends all streams within a second and answers later requests with 503. Running calls continue. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#streams.close(CLOSE_MS)
    return this.#closed
  }
}
