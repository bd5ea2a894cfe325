export type { MockPeer, PeerOptions } from './mock-peer.ts'
export { type MockRoom, type MockRoomOptions, mockRoom } from './mock-room.ts'
export type { Direction, LinkFault } from './simulated-link.ts'
