import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Hub } from '@midsentence/core/hub'
import { type WsUpgrade, type WsUpgradeOptions, wsUpgrade } from '@midsentence/transport-ws/server'
import { onTestFinished } from 'vitest'
import { RawSocket } from './raw-socket.ts'

export interface WsServing {
  readonly upgrades: WsUpgrade
  readonly url: string
  /** Opens a raw connection that asks for an upgrade. */
  dial(path?: string, headers?: string): RawSocket
  /** Does the same with the token of a session. Default: `ada`. */
  enter(token?: string, path?: string): RawSocket
}

/** Serves WebSockets alone. Stops with its test. */
export async function serveWs(
  hub: Hub,
  options?: WsUpgradeOptions,
  before: (req: IncomingMessage) => void = () => {},
): Promise<WsServing> {
  const upgrades = wsUpgrade(hub, options)
  const server = createServer((req, res) => void (upgrades.handle(req, res) || res.writeHead(404).end()))
  server.on('upgrade', (req, socket, head) => {
    before(req)
    if (!upgrades.upgrade(req, socket, head)) socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const dial = (path?: string, headers?: string) => new RawSocket(port, path, headers)
  return {
    upgrades,
    url: `http://127.0.0.1:${port}`,
    dial,
    enter: (token = 'ada', path) => dial(path, `authorization: Bearer ${token}\r\n`),
  }
}
