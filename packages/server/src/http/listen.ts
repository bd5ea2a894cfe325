import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MidsentenceError } from '@midsentence/core'

/** Time limits for receiving a request, in milliseconds. The answer may take longer. */
export interface HttpTimeouts {
  /** For the headers. Default 10,000. */
  readonly head_ms: number
  /** For the whole request with its body. Default 30,000. */
  readonly request_ms: number
}

export const defaultHttpTimeouts: HttpTimeouts = { head_ms: 10_000, request_ms: 30_000 }

/** Longer than reverse proxies usually keep an idle connection, so that none sends a request while we close it. */
const KEEP_ALIVE_MS = 65_000

const MAX_HEAD_BYTES = 16 * 1024

/**
 * Starts an HTTP server, without request listeners, on `host` and `port` (0: any free one). Rejects with `unavailable` and
 * the reason if that fails.
 */
export async function listen(
  host: string,
  port: number,
  { head_ms, request_ms }: HttpTimeouts = defaultHttpTimeouts,
): Promise<{ server: Server; address: AddressInfo }> {
  const server = createServer({
    headersTimeout: head_ms,
    requestTimeout: request_ms,
    connectionsCheckingInterval: head_ms / 2,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEAD_BYTES,
    noDelay: true,
  })
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new MidsentenceError('unavailable', listenErrorSentence(host, port, cause), { cause })
  }
  return { server, address: server.address() as AddressInfo }
}

function listenErrorSentence(host: string, port: number, cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is taken: end what runs there, or choose another port.`
    case 'EACCES':
      return `You may not use port ${port}: choose one above 1023.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine: choose 127.0.0.1, or one that it has.`
    default:
      return `The server cannot listen on ${host}, port ${port}: ${(cause as Error).message}.`
  }
}
