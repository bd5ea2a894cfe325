import type { IncomingMessage, ServerResponse } from 'node:http'

/** Limits on reading the rest of a rejected request. */
const LINGER_MS = 1000
const LINGER_BYTES = 4 * 2 ** 20

/**
 * Writes the response, then reads the rest of the request before closing, as nginx does with `lingering_close`: closing
 * while the client sends resets the connection, and the response is lost. Needs `content-length` in the head.
 */
export function lingeringClose(req: IncomingMessage, res: ServerResponse, body: Buffer): void {
  let left = LINGER_BYTES
  // Real time, since this concerns the connection and not the rooms.
  const timer = setTimeout(close, LINGER_MS).unref()
  function close() {
    clearTimeout(timer)
    req.removeAllListeners('data').pause()
    res.end()
  }
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) close()
  })
  req.once('end', close).once('close', close)
  res.write(body)
}

/** Tells whether a part of the request's body is still to come. */
export const hasUnreadBody = (req: IncomingMessage): boolean =>
  !req.complete && (req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0)
