import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Clock } from '@midsentence/core'
import { hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  isJSONRPCNotification,
  originValidationResponse,
} from '@modelcontextprotocol/server'
import { hostedRoomClient } from './hosted/hosted-room-client.ts'
import { mcpServer } from './mcp-server.ts'
import { readParsedBody } from './parsed-body.ts'
import { RoomClients } from './room-clients.ts'
import type { McpToolOptions } from './tools/register-tools.ts'
import { Webhooks } from './webhooks/webhooks.ts'

export interface McpHttpOptions extends McpToolOptions {
  /** Address of the midsentence server that hosts the sessions, or of several that share their rooms. */
  readonly url: string | readonly string[]
  readonly version: string
  /** Allowed values of the Host header, and host names of Origin. Default: those of this machine. */
  readonly hosts?: readonly string[]
  /** Lets webhooks reach loopback addresses, also by http: for receivers on this machine. Default false. */
  readonly loopbackWebhooks?: boolean
  /** Default `systemClock()`. */
  readonly clock?: Clock
  /** Receives errors that no call can report. */
  onError?(error: Error): void
}

export interface McpHttp {
  /** Answers one request of `node:http`, at any path. If a body parser has read it, `req.body` counts. */
  handle(req: IncomingMessage, res: ServerResponse): void
  /** Answers one web-standard request, at any path. The body of the request must be unread. */
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}

/** Largest request, in bytes: more than an append of the longest text. */
const MAX_REQUEST_BYTES = 256 * 1024

/**
 * Requests at once, of one token and of all, until their answers are taken. The SDK bounds a batch by 100 messages. Event streams
 * have a bound of their own: SEP-3415 has them not count as requests of their client. Notifications do not count for a token: a
 * cancellation that is refused would let its call swallow messages.
 */
export const MAX_REQUESTS_OF_TOKEN = 20
const MAX_REQUESTS = 1000

/** Largest notification that is taken above the bound of its token, in bytes. */
const MAX_NOTIFICATION_BYTES = 4096

/** Creates a handler for MCP over streamable HTTP. The bearer token of each request identifies its session. */
export function mcpHttp({
  url,
  version,
  hosts = ['localhost', '127.0.0.1', '[::1]'],
  loopbackWebhooks = false,
  clock,
  onError,
  ...options
}: McpHttpOptions): McpHttp {
  const { checkMaxMs } = options
  const shared = { url, ...(checkMaxMs !== undefined && { checkMaxMs }), ...(clock && { clock }) }
  const clients = new RoomClients((token, onSession) => hostedRoomClient({ ...shared, token, onSession }))
  const subscriptions = new Webhooks({ allowLoopback: loopbackWebhooks })
  const errorHook = onError ? { onerror: onError } : {}
  const handler = createMcpHandler(
    ({ requestInfo }) => {
      const token = bearerToken(requestInfo?.headers.get('authorization')) ?? ''
      const client = clients.of(token)
      return mcpServer(client, version, { webhooks: { subscriptions, principal: token }, ...options })
    },
    { maxRequestBodySize: MAX_REQUEST_BYTES, ...errorHook },
  )
  const answer = toNodeHandler(handler, { maxRequestBodySize: MAX_REQUEST_BYTES, ...errorHook })
  const open = new Map<string, number>()
  let openRequests = 0
  /** Counts a request of `token`; one that is `free` counts for all tokens only. Returns what ends it; undefined above a bound. */
  const begin = (token: string, free: boolean): (() => void) | undefined => {
    const ofToken = open.get(token) ?? 0
    if ((ofToken >= MAX_REQUESTS_OF_TOKEN && !free) || openRequests >= MAX_REQUESTS) return undefined
    if (!free) open.set(token, ofToken + 1)
    openRequests++
    return () => {
      openRequests--
      if (free) return
      const left = open.get(token)! - 1
      if (left > 0) open.set(token, left)
      else open.delete(token)
    }
  }
  const names = hosts.map(host => (isIP(host) === 6 ? `[${host}]` : host))
  const hostAllowed = hostHeaderValidation(names)
  const originAllowed = originValidation(names)
  return {
    handle(req, res) {
      if (!hostAllowed(req, res) || !originAllowed(req, res)) return
      const token = bearerToken(req.headers.authorization)
      if (token === undefined) return send(res, unauthenticated)
      const counted = begin(
        token,
        isEventStream(name => req.headers[name]),
      )
      const end = counted ?? begin(token, true)
      if (!end) return send(res, tooManyRequests)
      res.once('close', end)
      const body = readParsedBody(req)
      if (body === 'taken') {
        onError?.(new Error(bodyTaken.message))
        return send(res, bodyTaken)
      }
      const answered = async () => {
        const above = counted
          ? undefined
          : await readNotification(req.headers['content-length'], async () => (body ? body.value : json(req)))
        if (counted || above) await answer(req, res, above ?? body?.value)
        else send(res, tooManyRequests)
      }
      void answered().catch(error => onError?.(error))
    },
    async fetch(request) {
      const refusal = hostHeaderValidationResponse(request, names) ?? originValidationResponse(request, names)
      if (refusal) return refusal
      const token = bearerToken(request.headers.get('authorization'))
      if (token === undefined) return responseOf(unauthenticated)
      if (request.bodyUsed || request.body?.locked) {
        onError?.(new Error(bodyTaken.message))
        return responseOf(bodyTaken)
      }
      const counted = begin(
        token,
        isEventStream(name => request.headers.get(name)),
      )
      const end = counted ?? begin(token, true)
      if (!end) return responseOf(tooManyRequests)
      try {
        if (counted) return await handler.fetch(request)
        const parsedBody = await readNotification(request.headers.get('content-length'), () => request.json())
        return parsedBody ? await handler.fetch(request, { parsedBody }) : responseOf(tooManyRequests)
      } finally {
        end()
      }
    },
    close: () => {
      subscriptions.close()
      return handler.close()
    },
  }
}

const bearerToken = (header: string | null | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]

/** Whether a request is `events/stream`, by headers that the SDK holds against its body in this revision. */
const isEventStream = (header: (name: string) => unknown): boolean =>
  header('mcp-method') === 'events/stream' && header('mcp-protocol-version') === '2026-07-28'

/** Reads a small body of JSON. Undefined if it is not that of a notification. */
async function readNotification(length: string | null | undefined, read: () => Promise<unknown>): Promise<unknown> {
  if (!(Number(length ?? Number.NaN) <= MAX_NOTIFICATION_BYTES)) return undefined
  const message = await read().catch(() => undefined)
  return isJSONRPCNotification(message) ? message : undefined
}

/** A JSON-RPC error with an HTTP status. */
interface HttpRefusal {
  readonly status: number
  readonly code: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const unauthenticated: HttpRefusal = {
  status: 401,
  code: -32600,
  message: 'Send the token of your session, as authorization: Bearer TOKEN. midsentence join prints one.',
  headers: { 'www-authenticate': 'Bearer' },
}

const tooManyRequests: HttpRefusal = {
  status: 429,
  code: -32600,
  message: 'Too many requests at once. Nothing was done: wait for the answers, then send this one again.',
  headers: { 'retry-after': '1' },
}

const bodyTaken: HttpRefusal = {
  status: 500,
  code: -32603,
  message:
    'This server read the body of the request before it reached the chat. Its operator should pass the request on ' +
    'before any body parser, or leave the parsed body in req.body.',
}

const headersOf = ({ headers }: HttpRefusal) => ({ 'content-type': 'application/json', ...headers })

const bodyOf = ({ code, message }: HttpRefusal): string =>
  JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } })

const responseOf = (refusal: HttpRefusal): Response =>
  new Response(bodyOf(refusal), { status: refusal.status, headers: headersOf(refusal) })

const send = (res: ServerResponse, refusal: HttpRefusal): void =>
  void res.writeHead(refusal.status, headersOf(refusal)).end(bodyOf(refusal))
