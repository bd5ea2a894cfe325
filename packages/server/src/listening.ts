import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MidsentenceError } from '@midsentence/core'

/** A request's head, and all of it, has to be there after so many milliseconds; what it asks for may take longer. */
export interface Patience {
  readonly head_ms: number
  readonly request_ms: number
}

export const defaultPatience: Patience = { head_ms: 10_000, request_ms: 30_000 }

/** Longer than what stands in front of a server keeps its connections for another request, as a rule. */
const KEEP_ALIVE_MS = 65_000

const MAX_HEAD_BYTES = 16 * 1024

/**
 * A server on `host` and `port` (0: any that is free) that answers nobody yet. Rejects with `unavailable` and a sentence
 * that says why it cannot be.
 */
export async function listening(
  host: string,
  port: number,
  { head_ms, request_ms }: Patience = defaultPatience,
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
    throw new MidsentenceError('unavailable', whyNot(host, port, cause), { cause })
  }
  return { server, address: server.address() as AddressInfo }
}

function whyNot(host: string, port: number, cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is taken: end what runs there, or choose another port.`
    case 'EACCES':
      return `Port ${port} may not be used by you: choose one above 1023.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine: choose 127.0.0.1, or one that it has.`
    default:
      return `The server cannot listen on ${host}, port ${port}: ${(cause as Error).message}.`
  }
}
