import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AddressLimits } from '../access/address-limits.ts'
import { clientAddress } from '../access/client-address.ts'
import { hostViolation } from '../access/host-policy.ts'
import { isLoopback } from '../access/loopback.ts'
import { type HttpRouterOptions, holdBack, prefixRemover } from './http-router.ts'

/**
 * Creates the listener for upgrade requests. It passes acceptable WebSocket requests to the handlers, and answers all others
 * as plain requests (RFC 9110, 7.8), because some clients offer HTTP/2 with every request.
 */
export function upgradeListener(server: Server, options: HttpRouterOptions) {
  const { proxies, limits, counters } = options
  const removePrefix = prefixRemover(options.prefix)
  return (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A connection may break at any time, and nothing is left to do then.
    socket.on('error', () => {})
    removePrefix(req)
    const isWebSocket = req.method === 'GET' && req.headers.upgrade?.toLowerCase() === 'websocket'
    // Earlier requests of the connection still wait for answers, which would mix with those after the upgrade.
    if (options.isPending(socket)) return void socket.destroy()
    const address = clientAddress(req, proxies)
    if (!isWebSocket) answerPlainly(req, socket, head)
    else if (!limits || isLoopback(address)) upgrade(req, socket, head)
    else void takeAndUpgrade(limits, address, req, socket, head)
  }

  async function takeAndUpgrade(
    limits: AddressLimits,
    address: string,
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const isAllowed = limits.addProxied(req, socket, proxies)
    const wait = isAllowed ? await limits.take(address) : 1000
    if (wait === 0) return upgrade(req, socket, head)
    counters.requestTurnedAway(isAllowed ? 'address' : 'connection', address)
    await holdBack(socket, isAllowed ? limits.refuse(address) : 0, options)
    socket.end(
      `HTTP/1.1 429 Too Many Requests\r\nretry-after: ${Math.ceil(wait / 1000)}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
      () => socket.destroy(),
    )
  }

  function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (hostViolation(req, options) === undefined) {
      for (const handler of options.handlers) if (handler.upgrade?.(req, socket, head)) return
    }
    answerPlainly(req, socket, head)
  }

  function answerPlainly(req: IncomingMessage, socket: Duplex, head: Buffer): void {
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
