import type { OpenSocket } from './web-socket-like.ts'

/** Opens the browser's own WebSocket. */
export const openSocket: OpenSocket = url => new WebSocket(url)
