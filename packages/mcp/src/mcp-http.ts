import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { hostedRoomClient } from './hosted-room-client.ts'
import { mcpServer } from './mcp-server.ts'
import type { RoomClient } from './room-client.ts'

export interface McpHttpOptions {
  /** The address of the midsentence server whose sessions are spoken for. */
  readonly url: string
  readonly version: string
  /** Names under which it may be called. Default: those of this machine. */
  readonly hosts?: readonly string[]
  /** Is told what went wrong beside the calls. */
  onError?(error: Error): void
}

export interface McpHttp {
  /** Answers a request to the endpoint. */
  handle(req: IncomingMessage, res: ServerResponse): void
  close(): Promise<void>
}

/** So many seats are kept; the one used longest ago makes room. What a seat holds is only what was lost on the way. */
const MAX_CLIENTS = 1000
/** The largest request, in bytes: an append of the longest text, and to spare. */
const MAX_REQUEST_BYTES = 256 * 1024

/** MCP over streamable HTTP. Who calls is said by the bearer token of each request, and by nothing else. */
export function mcpHttp({
  url,
  version,
  hosts = ['localhost', '127.0.0.1', '[::1]'],
  onError: fault,
}: McpHttpOptions): McpHttp {
  const seats = new Map<string, RoomClient>()
  const seatOf = (token: string): RoomClient => {
    const seat = seats.get(token) ?? hostedRoomClient({ url, token })
    seats.delete(token)
    seats.set(token, seat)
    if (seats.size > MAX_CLIENTS) seats.delete(seats.keys().next().value!)
    return seat
  }
  const told = fault ? { onerror: fault } : {}
  const handler = createMcpHandler(
    ({ requestInfo }) => mcpServer(seatOf(bearerToken(requestInfo?.headers.get('authorization')) ?? ''), version),
    { maxRequestBodySize: MAX_REQUEST_BYTES, ...told },
  )
  const answer = toNodeHandler(handler, { maxRequestBodySize: MAX_REQUEST_BYTES, ...told })
  const known = hostHeaderValidation([...hosts])
  const own = originValidation([...hosts])
  return {
    handle(req, res) {
      if (!known(req, res) || !own(req, res)) return
      if (bearerToken(req.headers.authorization) === undefined) return refuseUnauthenticated(res)
      void answer(req, res).catch(error => fault?.(error))
    },
    close: () => handler.close(),
  }
}

const bearerToken = (header: string | null | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]

function refuseUnauthenticated(res: ServerResponse): void {
  const message = 'Send the token that says who you are, as authorization: Bearer TOKEN. midsentence join prints one.'
  res.writeHead(401, { 'content-type': 'application/json', 'www-authenticate': 'Bearer' })
  res.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32600, message } }))
}
