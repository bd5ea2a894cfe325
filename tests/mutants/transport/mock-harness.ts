import type { TransportHarness } from '@midsentence/conformance'
import { type Transport, type VirtualClock, virtualClock } from '@midsentence/core'
import { override } from '@midsentence/testing/override'
import { type MockPeer, type MockRoom, mockRoom } from '@midsentence/transport-mock'

/** What a planted bug may look at: more than a transport could. */
export interface TransportBugContext {
  readonly room: MockRoom
  readonly clock: VirtualClock
}

/** Makes a bad transport of a right one: what it returns stands in place of the right one's members. */
export type TransportBug = (peer: MockPeer, surroundings: TransportBugContext) => Partial<Transport>

/** A bench over the mock whose peers have `bug`; without one it is right. */
export const transportWith = (bug?: TransportBug) => (): TransportHarness => {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 5 })
  const inner = new WeakMap<Transport, MockPeer>()
  const fault = (type: 'cut' | 'heal') => (peer: Transport) => inner.get(peer)!.fault({ type })
  return {
    room: room.name,
    clock,
    peer: () => {
      const peer = room.peer()
      const made = bug ? override(peer, bug(peer, { room, clock })) : peer
      inner.set(made, peer)
      return made
    },
    faults: { cut: fault('cut'), heal: fault('heal') },
    settle: () => clock.advance(3000),
    pass: ms => clock.advance(ms),
    close: async () => {},
  }
}
