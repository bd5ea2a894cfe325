import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Hub, type HubOptions, openHub } from '@midsentence/core/hub'
import { sseHandlers } from '../../packages/transport-sse/src/server/index.ts'
import { wsUpgrade } from '../../packages/transport-ws/src/server/index.ts'

/** A hub behind the real server halves, on a port of its own. */
export interface HubServer {
  readonly url: string
  readonly hub: Hub
  /** Resolves once nothing more goes in or out. */
  quiet(): Promise<void>
  close(): Promise<void>
}

/** Turns of the event loop without a byte, after which everything under way has arrived. */
const IDLE_TURNS = 12

export async function hubServer(options: HubOptions = {}): Promise<HubServer> {
  const hub = await openHub(options)
  const ways = options.clock ? { clock: options.clock } : {}
  const [handlers, upgrades] = [sseHandlers(hub, ways), wsUpgrade(hub, ways)]
  const sockets = new Set<Socket>()
  let gone = 0
  const server = createServer((req, res) => void (handlers.handle(req, res) || res.writeHead(404).end()))
  server.on('upgrade', (req, socket, head) => void (upgrades.upgrade(req, socket, head) || socket.destroy()))
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      gone += 1 + socket.bytesRead + socket.bytesWritten
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const traffic = () => [...sockets].reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, gone)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hub,
    async quiet() {
      for (let idle = 0, before = -1; idle < IDLE_TURNS; idle++) {
        await new Promise(resolve => setImmediate(resolve))
        const now = traffic()
        if (now !== before) idle = 0
        before = now
      }
    },
    async close() {
      const closed = new Promise(resolve => server.close(resolve))
      await Promise.all([handlers.close(), upgrades.close()])
      await hub.close()
      server.closeAllConnections()
      await closed
    },
  }
}
