import { scenarioRooms, type TransportHarness } from '@midsentence/conformance'
import { type Transport, type VirtualClock, virtualClock } from '@midsentence/core'
import type { HubOptions } from '@midsentence/core/hub'
import type { HubServer } from '../servers/hub-server.ts'

/** Steps of the virtual clock in milliseconds. What is on its way arrives between them. */
const STEPS_MS = [20, 30, 50, 100, 300, 1000, 1500]

/** A peer and its connection to the server. */
export interface ClientConnection {
  readonly peer: Transport
  cut(): void
  heal(): void
  close(): Promise<void>
}

/** Connects a new peer to the server at `url`. */
export type ConnectClient = (url: string, options: ClientConnectionOptions) => ClientConnection

export interface ClientConnectionOptions {
  readonly clock: VirtualClock
  readonly backoff: { readonly minMs: number; readonly maxMs: number }
  random(): number
  readonly secret?: string
}

/** Starts a server of a hub with these options. */
export type StartServer = (options: HubOptions & { readonly clock: VirtualClock }) => Promise<HubServer>

export interface ClientHarness extends TransportHarness {
  readonly server: HubServer
  readonly faults: NonNullable<TransportHarness['faults']>
}

/** Makes a harness over real sockets on loopback. Its virtual clock stops while bytes travel. */
export async function clientHarness(startServer: StartServer, connect: ConnectClient): Promise<ClientHarness> {
  const clock = virtualClock()
  const rooms = scenarioRooms()
  const server = await startServer({ clock, ...rooms.options })
  const connections = new Map<Transport, ClientConnection>()
  const options = { clock, backoff: { minMs: 10, maxMs: 100 }, random: () => 0.5 }
  return {
    room: 'lobby',
    clock,
    server,
    offers: { ...rooms.offers(() => server.hub), durability: server.hub.durability },
    peer() {
      const connection = connect(server.url, options)
      connections.set(connection.peer, connection)
      return connection.peer
    },
    faults: { cut: peer => connections.get(peer)?.cut(), heal: peer => connections.get(peer)?.heal() },
    async settle() {
      await server.quiet()
      for (const ms of STEPS_MS) {
        await clock.advance(ms)
        await server.quiet()
      }
    },
    pass: ms => clock.advance(ms),
    async close() {
      await Promise.all([...connections.values()].map(connection => connection.close()))
      await server.close()
    },
  }
}
