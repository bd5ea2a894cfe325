import type { Bench } from '@midsentence/conformance'
import { type Transport, virtualClock } from '@midsentence/core'
import { wsTransport } from '../../packages/transport-ws/src/client/index.ts'
import { type CuttableProxy, startCuttableProxy } from '../seed/proxy.ts'
import { type HubServer, hubServer } from '../sse/hub-server.ts'
import { type LaterSocket, laterSocket } from './later-socket.ts'

/** Time goes on in these steps, and what is under way arrives between them. */
const STEPS_MS = [20, 30, 50, 100, 300, 1000, 1500]

/** One peer's way to the server. */
class Way {
  readonly #started: Promise<CuttableProxy>
  #proxy: CuttableProxy | undefined
  #socket: LaterSocket | undefined
  #cut = false

  constructor(server: HubServer) {
    this.#started = startCuttableProxy(server.url).then(proxy => {
      this.#proxy = proxy
      if (this.#cut) proxy.cut()
      return proxy
    })
  }

  readonly webSocket = (): LaterSocket => {
    this.#socket = laterSocket(this.#started.then(({ url }) => `${url.replace('http', 'ws')}/ws`))
    return this.#socket
  }

  cut(): void {
    this.#cut = true
    this.#proxy?.cut()
    this.#socket?.snap()
  }

  heal(): void {
    this.#cut = false
    this.#proxy?.heal()
  }

  async close(): Promise<void> {
    await (await this.#started).close()
  }
}

/** A bench for the kit: a hub behind real sockets on loopback, a proxy for each peer, and time that stands still while bytes travel. */
export async function socketBench(): Promise<Bench> {
  const clock = virtualClock()
  const server = await hubServer({ clock })
  const ways = new Map<Transport, Way>()
  return {
    room: 'lobby',
    clock,
    peer() {
      const way = new Way(server)
      const backoff = { minMs: 10, maxMs: 100 }
      const peer = wsTransport({ url: 'ws://room', clock, webSocket: way.webSocket, backoff, random: () => 0.5 })
      ways.set(peer, way)
      return peer
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
