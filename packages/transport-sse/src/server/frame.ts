import type { ServerResponse } from 'node:http'

/** Bytes for many connections: made once, written as they are. */
export interface EventFrame {
  readonly plain: Buffer
  /** The same as one chunk of a chunked answer. */
  readonly chunked: Buffer
}

export function frameOf(text: string): EventFrame {
  const size = Buffer.byteLength(text)
  const head = `${size.toString(16)}\r\n`
  const chunked = Buffer.from(`${head}${text}\r\n`)
  return { plain: chunked.subarray(head.length, head.length + size), chunked }
}

/**
 * Writes all of `frame` in one piece. False: the reader does not keep up, wait for its socket's `drain`.
 *
 * The head must have been sent: this goes past the response, to its socket, which costs half as much as a chunk that is
 * made anew for each reader.
 */
export function writeFrame(res: ServerResponse, { plain, chunked }: EventFrame): boolean {
  const { socket } = res
  const past = res.chunkedEncoding && socket?.writable
  return past ? socket.write(chunked) : res.write(plain)
}
