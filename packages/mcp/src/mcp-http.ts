import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { hostedRoomClient } from './hosted-room-client.ts'
import { mcpServer } from './mcp-server.ts'
import type { RoomClient } from './room-client.ts'

export interface McpHttpOptions {
  /** Address of the midsentence server that hosts the sessions. */
  readonly url: string
  readonly version: string
  /** Allowed values of the Host header, and host names of Origin. Default: those of this machine. */
  readonly hosts?: readonly string[]
  /** Receives errors that no call can report. */
  onError?(error: Error): void
}

export interface McpHttp {
  /** Answers one HTTP request. */
  handle(req: IncomingMessage, res: ServerResponse): void
  close(): Promise<void>
}

/** Most clients kept, least recently used first out. A client only holds messages that were not delivered. */
const MAX_CLIENTS = 1000
/** Largest request, in bytes: more than an append of the longest text. */
const MAX_REQUEST_BYTES = 256 * 1024

/** Creates a handler for MCP over streamable HTTP. The bearer token of each request identifies its session. */
export function mcpHttp({
  url,
  version,
  hosts = ['localhost', '127.0.0.1', '[::1]'],
  onError,
}: McpHttpOptions): McpHttp {
  const clients = new Map<string, RoomClient>()
  const clientOf = (token: string): RoomClient => {
    const client = clients.get(token) ?? hostedRoomClient({ url, token })
    clients.delete(token)
    clients.set(token, client)
    if (clients.size > MAX_CLIENTS) clients.delete(clients.keys().next().value!)
    return client
  }
  const errorHook = onError ? { onerror: onError } : {}
  const handler = createMcpHandler(
    ({ requestInfo }) => mcpServer(clientOf(bearerToken(requestInfo?.headers.get('authorization')) ?? ''), version),
    { maxRequestBodySize: MAX_REQUEST_BYTES, ...errorHook },
  )
  const answer = toNodeHandler(handler, { maxRequestBodySize: MAX_REQUEST_BYTES, ...errorHook })
  const hostAllowed = hostHeaderValidation([...hosts])
  const originAllowed = originValidation([...hosts])
  return {
    handle(req, res) {
      if (!hostAllowed(req, res) || !originAllowed(req, res)) return
      if (bearerToken(req.headers.authorization) === undefined) return refuseUnauthenticated(res)
      void answer(req, res).catch(error => onError?.(error))
    },
    close: () => handler.close(),
  }
}

const bearerToken = (header: string | null | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]

function refuseUnauthenticated(res: ServerResponse): void {
  const message = 'Send the token of your session, as authorization: Bearer TOKEN. midsentence join prints one.'
  res.writeHead(401, { 'content-type': 'application/json', 'www-authenticate': 'Bearer' })
  res.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32600, message } }))
}
