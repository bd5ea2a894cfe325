import type { OpenSocket } from './web-socket-like.ts'

/** In a browser the page has sockets of its own. */
export const openSocket: OpenSocket = url => new WebSocket(url)
