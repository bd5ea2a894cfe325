import { type TransportHarness, testTransport } from '@midsentence/conformance'
import { virtualClock } from '@midsentence/core'
import { byTier } from '@midsentence/testing/tier'
import type { MockPeer } from './mock-peer.ts'
import { mockRoom } from './mock-room.ts'
import type { LinkFault } from './simulated-link.ts'

const mockHarness = (latency: number) => (): TransportHarness => {
  const clock = virtualClock()
  let gate: (() => Promise<void>) | undefined
  const room = mockRoom({ clock, latency, gate: () => gate?.() })
  const fault = (fault: LinkFault) => (peer: unknown) => (peer as MockPeer).injectFault(fault)
  return {
    room: room.name,
    clock,
    peer: () => room.peer(),
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

testTransport('the mock transport', mockHarness(5), { runs: byTier(150, 10_000) })
