import { scenarioRooms, type TransportHarness } from '@midsentence/conformance'
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
  const { options, offers } = scenarioRooms()
  const rooms = new Map<string, MockRoom>()
  const roomOf = (room: string): MockRoom => {
    const made = rooms.get(room) ?? mockRoom({ room, clock, latency: 5, ...options })
    rooms.set(room, made)
    return made
  }
  const inner = new WeakMap<Transport, MockPeer>()
  const fault = (type: 'cut' | 'restore') => (peer: Transport) => inner.get(peer)!.injectFault({ type })
  return {
    room: 'lobby',
    clock,
    peer: (name = 'lobby') => {
      const room = roomOf(name)
      const peer = room.peer()
      const made = bug ? override(peer, bug(peer, { room, clock })) : peer
      inner.set(made, peer)
      return made
    },
    offers: offers(room => roomOf(room).hub),
    faults: { cut: fault('cut'), heal: fault('restore') },
    settle: () => clock.advance(3000),
    pass: ms => clock.advance(ms),
    close: async () => {},
  }
}
