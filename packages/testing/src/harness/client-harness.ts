import type { Bench } from '@midsentence/conformance'
import { type Transport, type VirtualClock, virtualClock } from '@midsentence/core'
import type { HubServer } from '../servers/hub-server.ts'

/** Time goes on in these steps, and what is under way arrives between them. */
const STEPS_MS = [20, 30, 50, 100, 300, 1000, 1500]

/** One peer, and its way to the server. */
export interface Way {
  readonly peer: Transport
  cut(): void
  heal(): void
  close(): Promise<void>
}

/** A line to a server at `url`. */
export type NewWay = (url: string, options: WayOptions) => Way

export interface WayOptions {
  readonly clock: VirtualClock
  readonly backoff: { readonly minMs: number; readonly maxMs: number }
  random(): number
  readonly secret?: string
}

/** Starts a server that lives by `clock`. */
export type Serve = (clock: VirtualClock) => Promise<HubServer>

export interface LineBench extends Bench {
  readonly server: HubServer
  readonly faults: NonNullable<Bench['faults']>
}

/** A bench for the kit: a server over real sockets on loopback, and time that stands still while bytes travel. */
export async function lineBench(serve: Serve, newWay: NewWay): Promise<LineBench> {
  const clock = virtualClock()
  const server = await serve(clock)
  const ways = new Map<Transport, Way>()
  const options = { clock, backoff: { minMs: 10, maxMs: 100 }, random: () => 0.5 }
  return {
    room: 'lobby',
    clock,
    server,
    peer() {
      const way = newWay(server.url, options)
      ways.set(way.peer, way)
      return way.peer
    },
    faults: { cut: peer => ways.get(peer)?.cut(), heal: peer => ways.get(peer)?.heal() },
    async settle() {
      await server.quiet()
      for (const ms of STEPS_MS) {
        await clock.advance(ms)
        await server.quiet()
      }
    },
    pass: ms => clock.advance(ms),
    async close() {
      await Promise.all([...ways.values()].map(way => way.close()))
      await server.close()
    },
  }
}
