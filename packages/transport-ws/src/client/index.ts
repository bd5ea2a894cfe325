export { type AskOptions, opensSocket } from './opens-socket.ts'
export type { OpenSocket, SocketEvent, WebSocketLike } from './web-socket-like.ts'
export { type WsTransportOptions, wsTransport } from './ws-transport.ts'
