import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { turnedAway } from './doorkeeper.ts'
import type { FrontDoorOptions } from './front-door.ts'

/**
 * Answers every request for an upgrade: one for a WebSocket, by whoever may come in, goes to the doors. All others are
 * answered as if they had not asked for it, as HTTP has it (RFC 9110, 7.8): some clients offer HTTP/2 with every request.
 */
export function upgrades(server: Server, options: FrontDoorOptions) {
  return (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A connection may break at any moment; there is nobody to tell.
    socket.on('error', () => {})
    const isSocket = req.method === 'GET' && req.headers.upgrade?.toLowerCase() === 'websocket'
    if (isSocket && turnedAway(req, options) === undefined) {
      for (const door of options.doors) if (door.upgrade?.(req, socket, head)) return
    }
    socket.unshift(Buffer.concat([Buffer.from(plainHead(req), 'latin1'), head]))
    server.emit('connection', socket)
  }
}

/** The head of a request as it came, without its wish for an upgrade. */
function plainHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = [rawHeaders[at]!, rawHeaders[at + 1]!]
    const kept = name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value
    if (kept !== '' && !/^(upgrade|http2-settings)$/i.test(name)) lines.push(`${name}: ${kept}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

const withoutUpgrade = (connection: string): string =>
  connection
    .split(',')
    .filter(option => !/^\s*(upgrade|http2-settings)\s*$/i.test(option))
    .join()
