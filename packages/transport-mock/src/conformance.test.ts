import { type TransportHarness, testTransport } from '@midsentence/conformance'
import { virtualClock } from '@midsentence/core'
import type { MockPeer } from './mock-peer.ts'
import { mockRoom } from './mock-room.ts'
import type { Fault } from './network.ts'

const bench = (latency: number) => (): TransportHarness => {
  const clock = virtualClock()
  let gate: (() => Promise<void>) | undefined
  const room = mockRoom({ clock, latency, gate: () => gate?.() })
  const fault = (fault: Fault) => (peer: unknown) => (peer as MockPeer).fault(fault)
  return {
    room: room.name,
    clock,
    peer: () => room.peer(),
    faults: {
      cut: fault({ type: 'cut' }),
      heal: fault({ type: 'heal' }),
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

testTransport('the mock transport', bench(5))
