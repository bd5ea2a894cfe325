import type { TransportHarness } from '@midsentence/conformance'
import { type Transport, type VirtualClock, virtualClock } from '@midsentence/core'
import { override } from '@midsentence/testing/override'
import { type MockPeer, type MockRoom, mockRoom } from '@midsentence/transport-mock'

/** Arguments of a planted bug that a transport cannot see. */
export interface TransportBugContext {
  readonly room: MockRoom
  readonly clock: VirtualClock
}

/** Makes a bug: returns the members that replace those of a right transport. */
export type TransportBug = (peer: MockPeer, surroundings: TransportBugContext) => Partial<Transport>

/** Makes a harness over the mock transport whose peers have `bug`. Without one it is right. */
export const transportWith = (bug?: TransportBug) => (): TransportHarness => {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency: 5 })
  const inner = new WeakMap<Transport, MockPeer>()
  const fault = (type: 'cut' | 'restore') => (peer: Transport) => inner.get(peer)!.injectFault({ type })
  return {
    room: room.name,
    clock,
    peer: () => {
      const peer = room.peer()
      const made = bug ? override(peer, bug(peer, { room, clock })) : peer
      inner.set(made, peer)
      return made
    },
    faults: { cut: fault('cut'), heal: fault('restore') },
    settle: () => clock.advance(3000),
    pass: ms => clock.advance(ms),
    close: async () => {},
  }
}
