/** The part of a WebSocket event this package reads. */
export interface SocketEvent {
  readonly type: string
  readonly data?: unknown
  readonly code?: number
  readonly reason?: string
  readonly error?: unknown
}

/** The part of a WebSocket this package uses. The browser's and that of `ws` fit. */
export interface WebSocketLike {
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: SocketEvent) => void): void
  send(text: string): void
  close(code?: number, reason?: string): void
  /** Breaks the connection without a close handshake, where that is possible. */
  terminate?(): void
  /** The HTTP status of a refused upgrade, if known. */
  readonly upgradeStatus?: number | undefined
  /** The `Location` header of a refused upgrade, if known. */
  readonly upgradeLocation?: string | undefined
}

/** Opens a socket to an address such as `ws://127.0.0.1:8890/ws`. */
export type OpenSocket = (url: string) => WebSocketLike
