import { type Bench, testTransport } from '@midsentence/conformance'
import { virtualClock } from '@midsentence/core'
import type { MockPeer } from './mock-peer.ts'
import { mockRoom } from './mock-room.ts'

const bench = (latency: number) => (): Bench => {
  const clock = virtualClock()
  const room = mockRoom({ clock, latency })
  const fault = (type: 'cut' | 'heal') => (peer: unknown) => (peer as MockPeer).fault({ type })
  return {
    room: room.name,
    clock,
    peer: () => room.peer(),
    faults: { cut: fault('cut'), heal: fault('heal') },
    settle: () => clock.advance(3000),
    pass: ms => clock.advance(ms),
    close: async () => {},
  }
}

testTransport('the mock transport', bench(5))
