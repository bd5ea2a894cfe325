import { Buffer } from 'node:buffer'

/** Bytes of an event, shared by all connections. */
export interface EventFrame {
  readonly plain: Buffer
  /** The same bytes as one chunk of a chunked response. */
  readonly chunked: Buffer
  /** A connection was given these bytes. */
  written: boolean
}

/** Encodes a text once, plain and as a chunk. */
export function frameOf(text: string): EventFrame {
  const size = Buffer.byteLength(text)
  const head = `${size.toString(16)}\r\n`
  const chunked = Buffer.from(`${head}${text}\r\n`)
  return { plain: chunked.subarray(head.length, head.length + size), chunked, written: false }
}
