import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { hostViolation } from '../access/host-policy.ts'
import type { HttpRouterOptions } from './http-router.ts'

/**
 * Creates the listener for upgrade requests. It passes acceptable WebSocket requests to the handlers, and answers all others
 * as plain requests (RFC 9110, 7.8), because some clients offer HTTP/2 with every request.
 */
export function upgradeListener(server: Server, options: HttpRouterOptions) {
  return (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A connection may break at any time, and nothing is left to do then.
    socket.on('error', () => {})
    const isWebSocket = req.method === 'GET' && req.headers.upgrade?.toLowerCase() === 'websocket'
    if (isWebSocket && hostViolation(req, options) === undefined) {
      for (const handler of options.handlers) if (handler.upgrade?.(req, socket, head)) return
    }
    socket.unshift(Buffer.concat([Buffer.from(headWithoutUpgrade(req), 'latin1'), head]))
    server.emit('connection', socket)
  }
}

/** Rebuilds the head of a request without its upgrade headers. */
function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, original] = [rawHeaders[at]!, rawHeaders[at + 1]!]
    const value = name.toLowerCase() === 'connection' ? withoutUpgrade(original) : original
    if (value !== '' && !/^(upgrade|http2-settings)$/i.test(name)) lines.push(`${name}: ${value}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

const withoutUpgrade = (connection: string): string =>
  connection
    .split(',')
    .filter(option => !/^\s*(upgrade|http2-settings)\s*$/i.test(option))
    .join()
