import type { TransportHarness } from '@midsentence/conformance'
import { isMidsentenceError, type Transport } from '@midsentence/core'
import { filter, firstValueFrom } from 'rxjs'
import { type ConnectClient, clientHarness, type StartServer } from './client-harness.ts'

/** After how many settles the server is killed. */
const SETTLES_A_LIFE = 2

/**
 * Makes a harness whose server is killed when a rule cuts or restores a connection, and after some settles. Publishes
 * that thereby lose their answer are repeated under their key.
 */
export async function restartHarness(startServer: StartServer, connect: ConnectClient): Promise<TransportHarness> {
  // With a secret a join whose answer is lost can be repeated. Each peer has its own.
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
    server.crash!()
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
      // A kill during `open` would fail it: no transport retries before it has joined.
      if (++settled % SETTLES_A_LIFE === 0 && opening === 0) die()
      return bench.settle()
    },
  }
}
