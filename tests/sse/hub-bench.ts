import type { Bench } from '@midsentence/conformance'
import { type Transport, virtualClock } from '@midsentence/core'
import { sseTransport } from '../../packages/transport-sse/src/client/index.ts'
import { type StreamFetch, streamFetch } from '../../packages/transport-sse/src/stream-fetch.ts'
import { type CuttableProxy, startCuttableProxy } from '../seed/proxy.ts'
import { type HubServer, hubServer } from './hub-server.ts'

/** Time goes on in these steps, and what is under way arrives between them. */
const STEPS_MS = [20, 30, 50, 100, 300, 1000, 1500]

/** One peer's way to the server. */
class Wire {
  readonly #proxy: Promise<CuttableProxy>
  #cut = false
  #open: CuttableProxy | undefined

  constructor(server: HubServer) {
    this.#proxy = startCuttableProxy(server.url).then(proxy => {
      this.#open = proxy
      return proxy
    })
  }

  /** While it is cut nobody answers: what is sent then certainly does not arrive. */
  readonly fetch: StreamFetch = async (url, init) => {
    const { url: base } = await this.#proxy
    if (this.#cut) throw Object.assign(new Error('cut'), { syscall: 'connect', code: 'ECONNREFUSED' })
    const { pathname, search } = new URL(url)
    return streamFetch(`${base}${pathname}${search}`, init)
  }

  cut(): void {
    this.#open?.cut()
    this.#cut = true
  }

  heal(): void {
    this.#open?.heal()
    this.#cut = false
  }

  async close(): Promise<void> {
    await (await this.#proxy).close()
  }
}

/** A bench for the kit: a hub over real HTTP on loopback, and time that stands still while bytes travel. */
export async function hubBench(): Promise<Bench> {
  const clock = virtualClock()
  const server = await hubServer({ clock })
  const wires = new Map<Transport, Wire>()
  return {
    room: 'lobby',
    clock,
    peer() {
      const wire = new Wire(server)
      const backoff = { minMs: 10, maxMs: 100 }
      const peer = sseTransport({ url: 'http://room', clock, fetch: wire.fetch, backoff, random: () => 0.5 })
      wires.set(peer, wire)
      return peer
    },
    faults: { cut: peer => wires.get(peer)?.cut(), heal: peer => wires.get(peer)?.heal() },
    async settle() {
      await server.quiet()
      for (const ms of STEPS_MS) {
        await clock.advance(ms)
        await server.quiet()
      }
    },
    pass: ms => clock.advance(ms),
    async close() {
      await Promise.all([...wires.values()].map(wire => wire.close()))
      await server.close()
    },
  }
}
