import type { IncomingMessage, ServerResponse } from 'node:http'
import { rpcNumbers } from '@midsentence/core'
import type { RpcDispatcher } from '@midsentence/core/wire'
import { bearerOf } from './address.ts'
import { bodyOf, textOf } from './body.ts'
import { type Refusal, refuse, wrongMethod } from './refuse.ts'

/** How many bytes a request may have: a caller without a token has little to say. */
export interface BodyLimits {
  readonly withToken: number
  readonly without: number
}

/** Every answer is said with 200; where nothing was asked, as by notifications, with 204. */
export async function serveRpc(
  dispatcher: RpcDispatcher,
  limits: BodyLimits,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const refusal = refusalBefore(req)
  if (refusal) return refuse(req, res, refusal)
  const token = bearerOf(req)
  const limit = token === undefined ? limits.without : limits.withToken
  const body = await bodyOf(req, limit)
  if (body === 'broken') return
  if (body === 'too-long') return refuse(req, res, tooLong(limit, token))
  const text = textOf(body)
  if (text === undefined) return answer(res, notUtf8)
  const signal = whenGone(req, res)
  answer(res, await dispatcher.dispatch(text, { token, signal }))
}

function refusalBefore({ method, headers }: IncomingMessage): Refusal | undefined {
  if (method !== 'POST') return wrongMethod('POST', 'JSON-RPC')
  if (!/^\s*application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    return { status: 415, error: 'Send JSON with "content-type: application/json".' }
  }
  if ((headers['content-encoding'] ?? 'identity').trim().toLowerCase() === 'identity') return undefined
  return { status: 415, error: 'Send the body as it is, without a content-encoding.' }
}

const tooLong = (limit: number, token: string | undefined): Refusal => ({
  status: 413,
  error: `Send at most ${limit} bytes at a time${token === undefined ? ', or join first and send your token' : ''}.`,
})

function answer(res: ServerResponse, text: string | undefined): void {
  if (res.destroyed) return
  const headers = { 'cache-control': 'no-store' }
  if (text === undefined) {
    res.writeHead(204, headers).end()
    return
  }
  const body = Buffer.from(text)
  res.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    ...headers,
  })
  res.end(body)
}

/** Aborts when the caller hangs up before its answer. */
function whenGone(req: IncomingMessage, res: ServerResponse): AbortSignal {
  const gone = new AbortController()
  const abort = () => {
    if (!res.writableFinished) gone.abort()
  }
  res.once('close', abort)
  if (res.socket) return gone.signal
  // Behind an earlier answer of its connection it hears nothing of the connection's end.
  const { socket } = req
  socket.setMaxListeners(0).once('close', abort)
  res.once('close', () => socket.off('close', abort))
  return gone.signal
}

const notUtf8 = JSON.stringify({
  jsonrpc: '2.0',
  id: null,
  error: { code: rpcNumbers['parse-error'], message: 'The request is not UTF-8. Send JSON in UTF-8.' },
})
