import type { TransportHarness } from '@midsentence/conformance'
import { isMidsentenceError, type Transport, type VirtualClock } from '@midsentence/core'
import { filter, firstValueFrom } from 'rxjs'
import type { HubServer } from '../servers/hub-server.ts'
import { type ConnectClient, clientHarness } from './client-harness.ts'

/** The server is killed after this many settles. */
const SETTLES_PER_KILL = 2

/**
 * Makes a harness whose server is killed when a rule cuts or restores a connection, and after some settles. Publishes
 * that thereby lose their answer are repeated under their key.
 */
export async function restartHarness(
  startServer: (clock: VirtualClock) => Promise<HubServer>,
  connect: ConnectClient,
): Promise<TransportHarness> {
  // Its hub reads a directory: it has the default rooms alone.
  const { offers: _, ...harness } = await clientHarness(({ clock }) => startServer(clock), connect)
  const { server, faults } = harness
  const inner = new Map<Transport, Transport>()
  const broken = new Set<Transport>()
  let settles = 0
  let kills = 0
  let opening = 0
  const kill = () => {
    kills++
    server.crash!()
  }

  function retryingPeer(peer: Transport): Transport {
    const retrying: Transport = {
      supports: peer.supports,
      inbound$: peer.inbound$,
      link$: peer.link$,
      open(hello) {
        opening++
        // With a secret a join whose answer is lost can be repeated. Each peer has its own.
        return peer.open({ secret: crypto.randomUUID(), ...hello }).finally(() => opening--)
      },
      async publish(request) {
        const before = kills
        for (let attempt = request; ; attempt = { ...request, isRetry: true }) {
          try {
            return await peer.publish(attempt)
          } catch (error) {
            const excused = kills > before && !broken.has(retrying)
            if (!excused || !isMidsentenceError(error) || !error.data.unknown) throw error
            await firstValueFrom(peer.link$.pipe(filter(({ state }) => state === 'up')))
          }
        }
      },
      resume: after => peer.resume(after),
      yield: () => peer.yield(),
      ...(peer.showDraft && { showDraft: (facts, rev) => peer.showDraft!(facts, rev) }),
      ...(peer.showWriting && { showWriting: writing => peer.showWriting!(writing) }),
      close: () => peer.close(),
    }
    inner.set(retrying, peer)
    return retrying
  }

  return {
    ...harness,
    peer: () => retryingPeer(harness.peer()),
    faults: {
      cut(peer) {
        faults.cut(inner.get(peer)!)
        broken.add(peer)
        kill()
      },
      heal(peer) {
        if (broken.delete(peer)) kill()
        faults.heal(inner.get(peer)!)
      },
    },
    settle() {
      // A kill during `open` would fail it: no transport retries before it has joined.
      if (++settles % SETTLES_PER_KILL === 0 && opening === 0) kill()
      return harness.settle()
    },
  }
}
