import { scenarioRooms, type TransportHarness, testTransport } from '@midsentence/conformance'
import { virtualClock } from '@midsentence/core'
import { byTier } from '@midsentence/testing/tier'
import type { MockPeer } from './mock-peer.ts'
import { type MockRoom, mockRoom } from './mock-room.ts'
import type { LinkFault } from './simulated-link.ts'

const mockHarness = (latency: number) => (): TransportHarness => {
  const clock = virtualClock()
  let gate: (() => Promise<void>) | undefined
  const { options, offers } = scenarioRooms()
  const rooms = new Map<string, MockRoom>()
  const roomOf = (room: string): MockRoom => {
    const made = rooms.get(room) ?? mockRoom({ room, clock, latency, gate: () => gate?.(), ...options })
    rooms.set(room, made)
    return made
  }
  const fault = (fault: LinkFault) => (peer: unknown) => (peer as MockPeer).injectFault(fault)
  return {
    room: 'lobby',
    clock,
    peer: (room = 'lobby') => roomOf(room).peer(),
    offers: offers(room => roomOf(room).hub),
    faults: {
      cut: fault({ type: 'cut' }),
      heal: fault({ type: 'restore' }),
      duplicate: fault({ type: 'duplicate', to: 'peer' }),
    },
    delay: until => {
      gate = until
    },
    settle: () => clock.advance(3000),
    pass: ms => clock.advance(ms),
    close: async () => {},
  }
}

testTransport('the mock transport', mockHarness(5), { runs: byTier(75, 10_000) })
