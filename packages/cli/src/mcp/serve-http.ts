import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MidsentenceError } from '@midsentence/core'
import { type McpHttpOptions, mcpHttp } from '@midsentence/mcp'
import { whenAborted } from '../interrupt.ts'
import { version } from '../version.ts'
import { printError } from './print-error.ts'

const MAX_CONNECTIONS = 1000
/** A connection on which nothing is sent or taken for this time is closed: longer than a check waits. */
const SILENCE_MS = 5 * 60_000

export interface ServeHttpOptions
  extends Pick<McpHttpOptions, 'checkMaxMs' | 'structured' | 'toolPrefix' | 'loopbackWebhooks'> {
  readonly urls: readonly string[]
  readonly port: number
}

/** Serves MCP over HTTP at /mcp of 127.0.0.1 until `signal` aborts. Rejects with `unavailable` when the port is taken. */
export async function serveHttp({ urls, port, ...options }: ServeHttpOptions, signal: AbortSignal): Promise<void> {
  const { checkMaxMs = 0 } = options
  const endpoint = mcpHttp({ ...options, url: urls, version, onError: printError })
  const server = createServer((req, res) => {
    // A reverse proxy may put a prefix before it.
    if (/^[^?]*\/mcp\/?(\?|$)/.test(req.url ?? '')) endpoint.handle(req, res)
    else res.writeHead(404, { 'content-type': 'text/plain' }).end('MCP is served at /mcp.\n')
  })
  server.maxConnections = MAX_CONNECTIONS
  server.timeout = Math.max(SILENCE_MS, checkMaxMs + 60_000)
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause =>
      reject(
        new MidsentenceError('unavailable', `Cannot listen on port ${port}: ${cause.message}. Choose another one.`),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  process.stdout.write(`MCP for the rooms of ${urls.join(', ')} is served at ${address}. Ctrl-C ends it.\n`)
  await whenAborted(signal)
  server.close()
  await endpoint.close()
  server.closeAllConnections()
}
