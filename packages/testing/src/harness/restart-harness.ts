import type { TransportHarness } from '@midsentence/conformance'
import { isMidsentenceError, type Transport } from '@midsentence/core'
import { filter, firstValueFrom } from 'rxjs'
import { type ConnectClient, clientHarness, type StartServer } from './client-harness.ts'

/** The server dies when this often time was given for everything to arrive. */
const SETTLES_A_LIFE = 2

/**
 * A bench for the kit whose server dies again and again: where a rule cuts somebody's line, where it mends it, and every
 * so often while things are on their way. Whoever thereby lost an answer asks again under the same key.
 */
export async function restartHarness(startServer: StartServer, connect: ConnectClient): Promise<TransportHarness> {
  // With a secret a lost answer to join costs nothing. Each peer comes with one of its own.
  const withSecret: ConnectClient = (url, options) => connect(url, { ...options, secret: crypto.randomUUID() })
  const bench = await clientHarness(startServer, withSecret)
  const { server, faults } = bench
  const inner = new Map<Transport, Transport>()
  const broken = new Set<Transport>()
  let settled = 0
  let deaths = 0
  let opening = 0
  const die = () => {
    deaths++
    server.die!()
  }

  function insisting(peer: Transport): Transport {
    const insists: Transport = {
      supports: peer.supports,
      inbound$: peer.inbound$,
      link$: peer.link$,
      open(hello) {
        opening++
        return peer.open(hello).finally(() => opening--)
      },
      async publish(request) {
        const before = deaths
        for (let asked = request; ; asked = { ...request, isRetry: true }) {
          try {
            return await peer.publish(asked)
          } catch (error) {
            const excused = deaths > before && !broken.has(insists)
            if (!excused || !isMidsentenceError(error) || !error.data.unknown) throw error
            await firstValueFrom(peer.link$.pipe(filter(({ state }) => state === 'up')))
          }
        }
      },
      resume: after => peer.resume(after),
      yield: () => peer.yield(),
      ...(peer.showDraft && { showDraft: (facts, rev) => peer.showDraft!(facts, rev) }),
      close: () => peer.close(),
    }
    inner.set(insists, peer)
    return insists
  }

  return {
    ...bench,
    peer: () => insisting(bench.peer()),
    faults: {
      cut(peer) {
        faults.cut(inner.get(peer)!)
        broken.add(peer)
        die()
      },
      heal(peer) {
        if (broken.delete(peer)) die()
        faults.heal(inner.get(peer)!)
      },
    },
    settle() {
      // Who comes in just then would be told that it failed: nothing goes on by itself before one is in.
      if (++settled % SETTLES_A_LIFE === 0 && opening === 0) die()
      return bench.settle()
    },
  }
}
