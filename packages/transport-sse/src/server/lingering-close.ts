import type { IncomingMessage, ServerResponse } from 'node:http'

/** No longer, and for no more bytes, is a caller listened to that was refused. */
const LINGER_MS = 1000
const LINGER_BYTES = 4 * 2 ** 20

/**
 * Writes all of the answer, then hangs up when the caller has sent its request to the end, or enough of it: to hang up on
 * somebody who is still sending makes the answer vanish before it is read. Needs `content-length` in the head.
 */
export function lingeringClose(req: IncomingMessage, res: ServerResponse, body: Buffer): void {
  let left = LINGER_BYTES
  // A matter of the connection alone, which no clock of a test should hold up.
  const timer = setTimeout(hangUp, LINGER_MS).unref()
  function hangUp() {
    clearTimeout(timer)
    req.removeAllListeners('data').pause()
    res.end()
  }
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) hangUp()
  })
  req.once('end', hangUp).once('close', hangUp)
  res.write(body)
}
