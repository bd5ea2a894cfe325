/** A connection that may be destroyed, for example a socket of `node:net`. */
export interface BackloggedConnection {
  /** Bytes that it was given and that wait for the reader. */
  readonly writableLength: number
  /** All bytes that it was given. */
  readonly bytesWritten?: number
  once(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
  destroy(): unknown
}

/** Bounds what waits for the readers of all connections together. Transports report to it what a reader did not take. */
export interface ReaderBacklog {
  /**
   * Says that `bytes` wait for the reader of `connection` now; 0: it has taken everything. Bytes that connections share count
   * for one of them. May destroy connections.
   */
  report(connection: BackloggedConnection, bytes: number, address: string | undefined): void
}
