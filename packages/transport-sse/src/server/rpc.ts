import type { IncomingMessage, ServerResponse } from 'node:http'
import { rpcNumbers } from '@midsentence/core'
import type { RpcCaller, RpcDispatcher } from '@midsentence/core/wire'
import { type ErrorResponse, sendError, wrongMethod } from './error-response.ts'
import { readBody, textOf } from './request-body.ts'
import { bearerOf } from './request-target.ts'

/** Bytes a request may have, with and without a token. */
export interface BodyLimits {
  readonly withToken: number
  readonly without: number
}

/** Dispatches a JSON-RPC request: 200 with the answer, 204 for notifications. Never throws. */
export function serveRpc(
  dispatcher: RpcDispatcher,
  limits: BodyLimits,
  req: IncomingMessage,
  res: ServerResponse,
  addressOf?: (req: IncomingMessage) => string,
): void {
  const rejection = rejectionOf(req)
  if (rejection) return sendError(req, res, rejection)
  const token = bearerOf(req)
  const limit = token === undefined ? limits.without : limits.withToken
  // Callbacks, since a promise per step would cost as much as an append.
  readBody(req, limit, body => {
    if (body === 'broken') return
    if (body === 'too-long') return sendError(req, res, tooLong(limit, token))
    const text = textOf(body)
    if (text === undefined) return answer(res, notUtf8)
    void dispatcher.dispatch(text, new HttpCaller(req, res, token, addressOf)).then(text => answer(res, text))
  })
}

function rejectionOf({ method, headers }: IncomingMessage): ErrorResponse | undefined {
  if (method !== 'POST') return wrongMethod('POST', 'JSON-RPC')
  if (!/^\s*application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    return { status: 415, error: 'Send JSON with "content-type: application/json".' }
  }
  if ((headers['content-encoding'] ?? 'identity').trim().toLowerCase() === 'identity') return undefined
  return { status: 415, error: 'Send the body as it is, without a content-encoding.' }
}

const tooLong = (limit: number, token: string | undefined): ErrorResponse => ({
  status: 413,
  error: `Send at most ${limit} bytes at a time${token === undefined ? ', or join first and send your token' : ''}.`,
})

function answer(res: ServerResponse, text: string | undefined): void {
  if (res.destroyed) return
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
}

/** The caller of one HTTP request. */
class HttpCaller implements RpcCaller {
  readonly token: string | undefined
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #addressOf: ((req: IncomingMessage) => string) | undefined
  #abort: AbortController | undefined

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    token: string | undefined,
    addressOf: ((req: IncomingMessage) => string) | undefined,
  ) {
    this.#addressOf = addressOf
    this.#req = req
    this.#res = res
    this.token = token
  }

  get address(): string | undefined {
    return this.#addressOf?.(this.#req)
  }

  /** Aborts when the client disconnects before its answer. */
  get signal(): AbortSignal {
    this.#abort ??= this.#watch()
    return this.#abort.signal
  }

  #watch(): AbortController {
    const controller = new AbortController()
    const [req, res] = [this.#req, this.#res]
    const abort = () => {
      if (!res.writableFinished) controller.abort()
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

const notUtf8 = JSON.stringify({
  jsonrpc: '2.0',
  id: null,
  error: { code: rpcNumbers['parse-error'], message: 'The request is not UTF-8. Send JSON in UTF-8.' },
})
