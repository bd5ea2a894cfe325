import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CallBudget, ReaderBacklog } from '@midsentence/core/wire'
import { closing } from '../error-response.ts'
import type { ErrorResponse, HttpExchange, RequestBody, StreamConnection } from '../http-exchange.ts'
import { hasUnreadBody, lingeringClose } from './lingering-close.ts'
import { NodeConnection } from './node-connection.ts'
import { readBody } from './request-body.ts'

/** What a host knows of its requests. */
export interface NodeHost {
  /** Returns the address of the client, for admission. Default: none is passed on. */
  addressOf?(req: IncomingMessage): string
  /** Returns what the calls of a request are paid from, besides the rate of their session. Default: nothing. */
  budgetOf?(req: IncomingMessage): CallBudget | undefined
  /** Bounds what waits for the readers of all connections. Default: only each connection has its bound. */
  readonly backlog?: ReaderBacklog
}

/** Reports what of a complete answer waits for its reader, until it is taken. */
export function reportUnread(req: IncomingMessage, res: ServerResponse, host: NodeHost): void {
  const { backlog } = host
  const { socket } = req
  if (!backlog || res.writableLength === 0) return
  backlog.report(socket, res.writableLength, host.addressOf?.(req))
  res.once('close', () => backlog.report(socket, 0, undefined))
}

/** A request and its response of `node:http`. */
export class NodeExchange implements HttpExchange {
  readonly target: string
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #host: NodeHost
  #abort: AbortController | undefined
  #isAnswered = false

  constructor(req: IncomingMessage, res: ServerResponse, target: string, host: NodeHost) {
    this.target = target
    this.#req = req
    this.#res = res
    this.#host = host
  }

  get method(): string {
    return this.#req.method ?? ''
  }

  get address(): string | undefined {
    return this.#host.addressOf?.(this.#req)
  }

  get budget(): CallBudget | undefined {
    return this.#host.budgetOf?.(this.#req)
  }

  get signal(): AbortSignal {
    this.#abort ??= this.#watch()
    return this.#abort.signal
  }

  header(name: string): string | undefined {
    const value = this.#req.headers[name]
    return typeof value === 'object' ? value.join() : value
  }

  readBody(limit: number, done: (body: RequestBody) => void): void {
    readBody(this.#req, limit, done)
  }

  send(text: string | undefined): void {
    const res = this.#res
    this.#isAnswered = true
    // Middleware may have answered meanwhile, for example after a time limit.
    if (res.headersSent || res.destroyed) return
    if (text === undefined) {
      res.writeHead(204, { 'cache-control': 'no-store' }).end()
      return
    }
    // A string, so that Node sends head and body in one write.
    // A literal: spreading a constant would create a new shape each time.
    res.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    })
    res.end(text)
    if (res.writableLength > 0) reportUnread(this.#req, res, this.#host)
  }

  /** Closes gracefully if the request's body is not read yet. */
  sendError(response: ErrorResponse): void {
    const [req, res] = [this.#req, this.#res]
    const isAborted = req.destroyed && !req.complete
    if (res.headersSent || res.destroyed || isAborted) return
    const { status, error, headers } = response
    const body = Buffer.from(JSON.stringify({ error }))
    const unread = hasUnreadBody(req)
    res.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      'cache-control': 'no-store',
      ...((unread || response === closing) && { connection: 'close' }),
      ...headers,
    })
    if (unread) lingeringClose(req, res, body)
    else res.end(body)
  }

  openStream(): StreamConnection | undefined {
    const { socket, headersSent } = this.#res
    return socket && !headersSent ? new NodeConnection(this.#res, socket, this.#host.backlog, this.address) : undefined
  }

  #watch(): AbortController {
    const controller = new AbortController()
    const [req, res] = [this.#req, this.#res]
    const abort = () => {
      if (!this.#isAnswered) controller.abort()
    }
    if (res.destroyed || req.socket.destroyed) abort()
    res.once('close', abort)
    if (res.socket) return controller
    // A pipelined response does not see the close of its connection.
    const { socket } = req
    socket.setMaxListeners(0).once('close', abort)
    res.once('close', () => socket.off('close', abort))
    return controller
  }
}
