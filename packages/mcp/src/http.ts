import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { hostedSeat } from './hosted-seat.ts'
import { mcpServer } from './mcp-server.ts'
import type { Seat } from './seat.ts'

export interface McpHttpOptions {
  /** The address of the midsentence server whose sessions are spoken for. */
  readonly url: string
  readonly version: string
  /** Names under which it may be called. Default: those of this machine. */
  readonly hosts?: readonly string[]
  /** Is told what went wrong beside the calls. */
  fault?(error: Error): void
}

export interface McpHttp {
  /** Answers a request to the endpoint. */
  handle(req: IncomingMessage, res: ServerResponse): void
  close(): Promise<void>
}

/** So many seats are kept; the one used longest ago makes room. What a seat holds is only what was lost on the way. */
const SEATS = 1000
/** The largest request, in bytes: an append of the longest text, and to spare. */
const LARGEST = 256 * 1024

/** MCP over streamable HTTP. Who calls is said by the bearer token of each request, and by nothing else. */
export function mcpHttp({ url, version, hosts = ['localhost', '127.0.0.1', '[::1]'], fault }: McpHttpOptions): McpHttp {
  const seats = new Map<string, Seat>()
  const seatOf = (token: string): Seat => {
    const seat = seats.get(token) ?? hostedSeat({ url, token })
    seats.delete(token)
    seats.set(token, seat)
    if (seats.size > SEATS) seats.delete(seats.keys().next().value!)
    return seat
  }
  const told = fault ? { onerror: fault } : {}
  const handler = createMcpHandler(
    ({ requestInfo }) => mcpServer(seatOf(tokenOf(requestInfo?.headers.get('authorization')) ?? ''), version),
    { maxRequestBodySize: LARGEST, ...told },
  )
  const answer = toNodeHandler(handler, { maxRequestBodySize: LARGEST, ...told })
  const known = hostHeaderValidation([...hosts])
  const own = originValidation([...hosts])
  return {
    handle(req, res) {
      if (!known(req, res) || !own(req, res)) return
      if (tokenOf(req.headers.authorization) === undefined) return refuse(res)
      void answer(req, res).catch(error => fault?.(error))
    },
    close: () => handler.close(),
  }
}

const tokenOf = (header: string | null | undefined): string | undefined => /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]

function refuse(res: ServerResponse): void {
  const message = 'Send the token that says who you are, as authorization: Bearer TOKEN. midsentence join prints one.'
  res.writeHead(401, { 'content-type': 'application/json', 'www-authenticate': 'Bearer' })
  res.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32600, message } }))
}
