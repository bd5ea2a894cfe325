export { openSocket } from '#web-socket'
export { probeSocket, type SocketProbe, type SocketProbeOptions } from './probe-socket.ts'
export type { OpenSocket, SocketEvent, WebSocketLike } from './web-socket-like.ts'
export { type WsTransportOptions, wsTransport } from './ws-transport.ts'
