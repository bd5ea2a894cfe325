/** What an event of a socket may tell. */
export interface SocketEvent {
  readonly type: string
  readonly data?: unknown
  readonly code?: number
  readonly reason?: string
  readonly error?: unknown
}

/** What this package needs of a WebSocket: that of browsers is one, and that of `ws` too. */
export interface WebSocketLike {
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: SocketEvent) => void): void
  send(text: string): void
  close(code?: number, reason?: string): void
  /** Breaks the connection, where that can be done. */
  terminate?(): void
  /** What was answered where the upgrade was refused, as far as one is told. */
  readonly upgradeStatus?: number | undefined
}

/** Opens a socket to an address as `ws://127.0.0.1:8890/ws`. */
export type OpenSocket = (url: string) => WebSocketLike
