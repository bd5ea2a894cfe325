import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Hub, type HubOptions, openHub } from '@midsentence/core/hub'
import { type SseHandlers, sseHandlers } from '@midsentence/transport-sse/server'
import { type WsUpgrade, wsUpgrade } from '@midsentence/transport-ws/server'

/** A hub behind the real server halves, on a port of its own. */
export interface HubServer {
  readonly url: string
  /** The one that serves now. */
  readonly hub: Hub
  /** Resolves once nothing more goes in or out. */
  quiet(): Promise<void>
  /** Ends this life from one moment to the next, with all that is under way, and begins another. Absent: it has one. */
  crash?(): void
  close(): Promise<void>
}

/** A hub, and what becomes of it when it dies. */
export interface HubInstance {
  readonly hub: Hub
  readonly handlers: SseHandlers
  readonly upgrades: WsUpgrade
}

/** Turns of the event loop without a byte, after which everything under way has arrived. */
const IDLE_TURNS = 12

export function startInstance(hub: Hub, { clock }: HubOptions): HubInstance {
  const ways = clock ? { clock } : {}
  return { hub, handlers: sseHandlers(hub, ways), upgrades: wsUpgrade(hub, ways) }
}

export async function closeInstance({ handlers, upgrades, hub }: HubInstance): Promise<void> {
  await Promise.all([handlers.close(), upgrades.close()])
  await hub.close()
}

export async function hubServer(options: HubOptions = {}): Promise<HubServer> {
  const life = startInstance(await openHub(options), options)
  const line = await serveInstances(() => life)
  return { ...line, hub: life.hub, close: () => line.close(closeInstance(life)) }
}

/** Where the lives of a hub are reached. */
export interface InstanceServer {
  readonly url: string
  quiet(): Promise<void>
  /** Breaks every connection. */
  breakConnections(): void
  /** Ends it, when `end` has. */
  close(end: Promise<void>): Promise<void>
}

/** Listens on a free port for whatever lives: whoever comes between two lives waits for the next. */
export async function serveInstances(life: () => HubInstance | Promise<HubInstance>): Promise<InstanceServer> {
  const sockets = new Set<Socket>()
  let gone = 0
  const server = createServer(async (req, res) => {
    const { handlers } = await life()
    if (!handlers.handle(req, res)) res.writeHead(404).end()
  })
  server.on('upgrade', async (req, socket, head) => {
    const { upgrades } = await life()
    if (!upgrades.upgrade(req, socket, head)) socket.destroy()
  })
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
    async quiet() {
      for (let idle = 0, before = -1; idle < IDLE_TURNS; idle++) {
        await new Promise(resolve => setImmediate(resolve))
        const now = traffic()
        if (now !== before) idle = 0
        before = now
      }
    },
    breakConnections() {
      for (const socket of sockets) socket.destroy()
    },
    async close(end) {
      const closed = new Promise(resolve => server.close(resolve))
      await end
      server.closeAllConnections()
      await closed
    },
  }
}
