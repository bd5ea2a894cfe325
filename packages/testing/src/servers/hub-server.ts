import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Hub, type HubOptions, openHub } from '@midsentence/core/hub'
import { type SseHandlers, sseHandlers } from '@midsentence/transport-sse/server'
import { type WsUpgrade, wsUpgrade } from '@midsentence/transport-ws/server'
import { openClusterHubs } from '../cluster/cluster-hubs.ts'
import { type Choose, chooseBy, spreadHub } from '../cluster/spread-hub.ts'

/** A hub with the real server halves on a free port. */
export interface HubServer {
  readonly url: string
  /** The current hub. */
  readonly hub: Hub
  /** Resolves once no bytes move. */
  quiet(): Promise<void>
  /** Crashes the hub with all pending work and starts another. Absent: it cannot restart. */
  crash?(): void
  close(): Promise<void>
}

/** A hub with its handlers, until the next crash. */
export interface HubInstance {
  readonly hub: Hub
  readonly handlers: SseHandlers
  readonly upgrades: WsUpgrade
}

/** Event-loop turns without a byte after which everything sent has arrived. */
const IDLE_TURNS = 12

export function startInstance(hub: Hub, { clock }: HubOptions): HubInstance {
  const options = clock ? { clock } : {}
  return { hub, handlers: sseHandlers(hub, options), upgrades: wsUpgrade(hub, options) }
}

export async function closeInstance({ handlers, upgrades, hub }: HubInstance): Promise<void> {
  await Promise.all([handlers.close(), upgrades.close()])
  await hub.close()
}

export async function hubServer(options: HubOptions = {}): Promise<HubServer> {
  const instance = startInstance(await openHub(options), options)
  const server = await serveInstances(() => instance)
  return { ...server, hub: instance.hub, close: () => server.close(closeInstance(instance)) }
}

/** Serves several servers of a cluster on one free port: each request and each socket goes to one that `choose` chooses. */
export async function clusterServer(
  options: HubOptions,
  servers: number,
  choose: Choose = chooseBy(servers),
): Promise<HubServer> {
  const { onFailure: _, ...rest } = options
  const hubs = await openClusterHubs(servers, rest)
  const instances = hubs.map(hub => startInstance(hub, options))
  const server = await serveInstances(() => choose(instances))
  const closed = async () => void (await Promise.all(instances.map(closeInstance)))
  return { ...server, hub: spreadHub(hubs, choose), close: () => server.close(closed()) }
}

/** The HTTP server in front of successive hub instances. */
export interface InstanceServer {
  readonly url: string
  quiet(): Promise<void>
  /** Breaks every connection. */
  breakConnections(): void
  /** Closes the server after `end` resolves. */
  close(end: Promise<void>): Promise<void>
}

/** Listens on a free port for the current instance. A request between two instances waits for the next one. */
export async function serveInstances(current: () => HubInstance | Promise<HubInstance>): Promise<InstanceServer> {
  const sockets = new Set<Socket>()
  let closedBytes = 0
  const server = createServer(async (req, res) => {
    const { handlers } = await current()
    if (!handlers.handle(req, res)) res.writeHead(404).end()
  })
  server.on('upgrade', async (req, socket, head) => {
    const { upgrades } = await current()
    if (!upgrades.upgrade(req, socket, head)) socket.destroy()
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      closedBytes += 1 + socket.bytesRead + socket.bytesWritten
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const traffic = () =>
    [...sockets].reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, closedBytes)
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
